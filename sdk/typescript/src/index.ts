export { hook, type Hook, type HookOptions } from "./hook.js";
export { scope, type Scope } from "./scope.js";

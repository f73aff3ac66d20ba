/** Who and what for: dimensions of the calls made within a function. */

import { AsyncLocalStorage } from "node:async_hooks";

import { UNREADABLE, isMany, text } from "./names.js";

/** What calls are for. */
export interface Scope {
  user?: string | undefined;
  feature?: string | undefined;
  session?: string | undefined;
  project?: string | undefined;
  /** Free labels. Numbers and booleans are sent as text. */
  labels?: Readonly<Record<string, string | number | boolean | null | undefined>> | undefined;
}

/** As events carry it: text only, nothing empty. */
export interface Dimensions {
  user?: string;
  feature?: string;
  session?: string;
  project?: string;
  labels?: Record<string, string>;
}

// A program may load this package twice, as an ES module and through `require`: both see the same scopes.
const key = Symbol.for("tacho.scope");
const shared = globalThis as { [key]?: AsyncLocalStorage<Dimensions> };
const storage = (shared[key] ??= new AsyncLocalStorage<Dimensions>());

/**
 * Attributes the calls made within `run`, also after its `await`s: `tacho.scope({ user: "u_42" }, () => ...)`.
 *
 * Scopes nest: an inner one wins where both say something, and labels add up.
 */
export function scope<T>(given: Scope, run: () => T): T {
  return storage.run(merged(current(), dimensions(given)), run);
}

/** The dimensions in force here. */
export function current(): Dimensions {
  return storage.getStore() ?? {};
}

/** Both, where `inner` wins; labels one by one. */
export function merged(outer: Dimensions, inner: Dimensions): Dimensions {
  const labels = { ...outer.labels, ...inner.labels };
  return { ...outer, ...inner, ...(Object.keys(labels).length > 0 ? { labels } : {}) };
}

/** What was given, as text; what is null or undefined is left out. */
export function dimensions(given: Scope): Dimensions {
  const found: Dimensions = {};
  for (const name of ["user", "feature", "session", "project"] as const) {
    if (given[name] != null) found[name] = text(given[name]);
  }
  const isReadable = given.labels == null || (typeof given.labels === "object" && !isMany(given.labels));
  const labels = Object.entries(isReadable ? (given.labels ?? {}) : { [UNREADABLE]: "" });
  const said = labels.filter(([, value]) => value != null);
  if (said.length > 0) found.labels = Object.fromEntries(said.map(([name, value]) => [name, text(value)]));
  return found;
}

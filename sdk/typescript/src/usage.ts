/** One usage out of the many that a stream tells. What is odd in it is passed on: Tacho reads field by field. */

/** An object as it came out of JSON. */
export type Json = Record<string, unknown>;

/** The value, if it is an object. */
export function object(value: unknown): Json | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Json) : undefined;
}

const NUMBER = /^\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*$/;
// Of these the last counts; of everything else that counts, the largest.
const WORDS = new Set(["service_tier", "speed", "inference_geo", "type", "model"]);
// What the whole prompt is split into.
const PROMPT = ["input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens"];
// What the usage at the top leaves out.
const BESIDE: unknown[] = ["compaction", "advisor_message"];

/** The usage of a message stream: every event tells all there was so far, so that no count ever falls. */
export class Usage {
  #said: unknown;
  /** What `message_start` says of output is a placeholder, until a `message_delta` tells one, too. */
  #start: unknown;
  #outputTold = false;
  #iterationsTold = false;

  /** The usage in `message_start`. */
  start(usage: unknown): void {
    this.#start = merged(this.#start, usage);
    this.#said = merged(this.#said, unfinished(usage));
  }

  /** The usage in a `message_delta`. */
  delta(usage: unknown): void {
    const attempts = attemptsOf(usage);
    this.#outputTold ||= [usage, ...attempts].some((one) => count(object(one)?.output_tokens) !== undefined);
    this.#iterationsTold ||= attempts.length > 0;
    this.#said = merged(this.#said, usage);
  }

  /** What is known. Output is when it was counted, and generation had ended. */
  told(ended: boolean): unknown {
    if (!(this.#outputTold && ended)) return unfinished(this.#said);
    const start = object(this.#start);
    // Which attempts were declined is known by the end only.
    const { iterations: _, ...withoutAttempts } = start ?? {};
    return merged(this.#iterationsTold && start ? withoutAttempts : this.#start, this.#said);
  }
}

/** A count, however it is written: 12, 12.0, "12". */
export function count(value: unknown): number | undefined {
  const number = typeof value === "string" && NUMBER.test(value) ? Number(value) : value;
  return Number.isSafeInteger(number) && (number as number) >= 0 ? (number as number) : undefined;
}

/**
 * `later` over `held`: counts never fall, unless a prompt is split anew; words are the last, and what says nothing
 * leaves what was. `[]` and `{}` are both empty, as PHP writes them.
 */
export function merged(held: unknown, later: unknown, name = ""): unknown {
  if (isNothing(later)) return held ?? later;
  if (isNothing(held)) return later;
  const [before, after] = [object(held), object(later)];
  if (before && after) {
    const rest = isSplit(before, after) ? withoutPrompt(before, after) : before;
    const members = Object.entries(after).map(([name, value]) => [name, merged(rest[name], value, name)]);
    return { ...rest, ...Object.fromEntries(members) };
  }
  if (Array.isArray(held) && Array.isArray(later)) return mergedAttempts(held, later);
  if (typeof held === "object") return held;
  if (typeof later === "object") return later;
  if (WORDS.has(name)) return (typeof later === "string" && later !== "") || typeof held !== "string" ? later : held;
  const [most, now] = [count(held), count(later)];
  return now === undefined || (most !== undefined && most >= now) ? held : later;
}

/**
 * The same, with numbers that count nothing as text: for such a number Tacho refuses an event, which its sender could
 * put right; this one only passes it on.
 */
export function postable(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(postable);
  const members = object(value);
  if (members) {
    return Object.fromEntries(Object.entries(members).map(([name, member]) => [name, postable(member)]));
  }
  return typeof value === "number" && count(value) === undefined ? String(value) : value;
}

/** Whether the same prompt is told as all input first, and then with more of it from the cache. */
function isSplit(held: Json, later: Json): boolean {
  const [whole, rest] = [count(held.input_tokens) ?? 0, count(later.input_tokens) ?? 0];
  return 0 < rest && rest < whole && cached(later) > cached(held) && rest + cached(later) >= whole;
}

function cached(usage: Json): number {
  const parts = object(usage.cache_creation);
  const hour = count(parts?.ephemeral_1h_input_tokens) ?? 0;
  const total = count(usage.cache_creation_input_tokens) ?? 0;
  const written = hour + Math.max(total - hour, count(parts?.ephemeral_5m_input_tokens) ?? 0);
  return written + (count(usage.cache_read_input_tokens) ?? 0);
}

/** Without what is told anew of the prompt. */
function withoutPrompt(held: Json, later: Json): Json {
  const isAnew = (told: Json | undefined, name: string) => count(told?.[name]) !== undefined;
  const members = Object.entries(held).filter(([name]) => !PROMPT.includes(name) || !isAnew(later, name));
  const rest: Json = Object.fromEntries(members);
  const parts = object(held.cache_creation);
  if (parts) {
    const anew = object(later.cache_creation);
    rest.cache_creation = Object.fromEntries(Object.entries(parts).filter(([name]) => !isAnew(anew, name)));
  }
  return rest;
}

/** Where both list the same attempts, one by one; otherwise the longer list, or the later of two as long. */
function mergedAttempts(held: unknown[], later: unknown[]): unknown[] {
  const isSame = held.every((one, place) => place >= later.length || kind(one) === kind(later[place]));
  if (!isSame) return later.length >= held.length ? later : held;
  const [longer, shorter] = later.length >= held.length ? [later, held] : [held, later];
  return longer.map((one, place) => (place < shorter.length ? merged(held[place], later[place]) : one));
}

/** Without the output that is still generated: at the top, and of the attempt that produces the message. */
function unfinished(usage: unknown): unknown {
  const said = object(usage);
  if (!said) return usage;
  const rest = withoutOutput(said);
  const attempts = attemptsOf(usage);
  if (attempts.length === 0) return rest;
  const answer = attempts.map((attempt) => !BESIDE.includes(kind(attempt))).lastIndexOf(true);
  rest.iterations = attempts.map((attempt, place) => {
    const members = object(attempt);
    return place === answer && members ? withoutOutput(members) : attempt;
  });
  return rest;
}

/** But for what is no count: Tacho is told that it was odd. */
function withoutOutput({ output_tokens: output, output_tokens_details: _, ...rest }: Json): Json {
  return output == null || count(output) !== undefined ? rest : { ...rest, output_tokens: output };
}

function attemptsOf(usage: unknown): unknown[] {
  const listed = object(usage)?.iterations;
  return Array.isArray(listed) ? listed : [];
}

function kind(attempt: unknown): unknown {
  return object(attempt)?.type;
}

function isNothing(value: unknown): boolean {
  return value == null || (typeof value === "object" && Object.keys(value).length === 0);
}

/**
 * One usage out of the many that a stream tells, and of each only what Tacho reads.
 *
 * It is read field by field, by the rule that Tacho has for it, so that nothing in an answer can cost the event: what a
 * field cannot hold stands as `ODD`, which Tacho remarks.
 */

import { hasHalves } from "./names.js";

/** An object as it came out of JSON. */
export type Json = Record<string, unknown>;

/** The value, if it is an object. */
export function object(value: unknown): Json | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Json) : undefined;
}

/** Stands for what cannot be read: no field of a usage holds it. */
export const ODD = false;

const NUMBER = /^\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*$/;
const LONGEST_WORD_BYTES = 256;

const COUNTS = ["input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens", "output_tokens"];
const WRITES = ["ephemeral_5m_input_tokens", "ephemeral_1h_input_tokens"];
const PARTS: Record<string, string[]> = { cache_creation: WRITES, server_tool_use: ["web_search_requests"] };
const WORDS = ["service_tier", "speed", "inference_geo"];
const ATTEMPT_WORDS = ["type", "model"];
// Tacho says it of an event that it lists.
const HOLDS_ALL = "includes_iterations";
const KNOWN = [...COUNTS, ...Object.keys(PARTS), ...WORDS, "iterations", HOLDS_ALL];
// The API's own, and of no use: whoever has no more than these does not speak of something else.
const UNUSED = ["output_tokens_details", "fallback_credit"];

// What the whole prompt is split into.
const PROMPT = ["input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens"];
// What the usage at the top leaves out.
const BESIDE: unknown[] = ["compaction", "advisor_message"];

/** What an answer tells of its usage. */
export interface Told {
  members: Json;
  /** Something came in place of a usage, or something that has no member of one. */
  isUnreadable: boolean;
}

/** The usage of a message stream: every event tells all there was so far, so that no count ever falls. */
export class Usage {
  #said: Json = {};
  /** What `message_start` says of output is a placeholder, until a `message_delta` tells one, too. */
  #start: Json = {};
  #outputTold = false;
  #iterationsTold = false;
  #isUnreadable = false;
  #isForeign = false;

  /** The usage in `message_start`. */
  start(usage: unknown): void {
    const members = this.#read(usage);
    this.#start = merged(this.#start, members);
    this.#said = merged(this.#said, unfinished(members));
  }

  /** The usage in a `message_delta`. */
  delta(usage: unknown): void {
    const members = this.#read(usage);
    const attempts = attemptsOf(members);
    this.#outputTold ||= [members, ...attempts].some((one) => countIn(one, "output_tokens") !== undefined);
    this.#iterationsTold ||= attempts.length > 0;
    this.#said = merged(this.#said, members);
  }

  /** A usage came that cannot be read. */
  lost(): void {
    this.#isUnreadable = true;
  }

  /** What is known. Output is when it was counted, and generation had ended. */
  told(ended: boolean): Told {
    let members: Json;
    if (this.#outputTold && ended) {
      // Which attempts were declined is known by the end only.
      const { iterations: _, ...withoutAttempts } = this.#start;
      members = merged(this.#iterationsTold ? withoutAttempts : this.#start, this.#said);
    } else {
      members = unfinished(this.#said);
    }
    return told(members, this.#isUnreadable, this.#isForeign);
  }

  #read(usage: unknown): Json {
    const members = read(usage);
    this.#isUnreadable ||= members === undefined;
    this.#isForeign ||= isForeign(usage);
    return members ?? {};
  }
}

/** The usage of an answer that tells it once. */
export function whole(usage: unknown): Told {
  const members = read(usage);
  return told(members ?? {}, members === undefined, isForeign(usage));
}

/** The same as `usage` of an event; nothing where nothing was told. */
export function posted({ members, isUnreadable }: Told): unknown {
  return Object.keys(members).length > 0 ? members : isUnreadable ? ODD : undefined;
}

/** The members of a usage that Tacho reads, each as it reads them; nothing for what is no usage at all. */
export function read(usage: unknown): Json | undefined {
  if (usage == null || isEmptyList(usage)) return {};
  const said = object(usage);
  if (!said) return undefined;
  const found = fields(said, WORDS);
  const { iterations } = said;
  if (Array.isArray(iterations)) found.iterations = iterations.map(attempt);
  else if (iterations != null) found.iterations = isEmptyObject(iterations) ? [] : ODD;
  if (said[HOLDS_ALL] === true) found[HOLDS_ALL] = true;
  return found;
}

/**
 * `later` over `held`: counts never fall, unless a prompt is split anew; words are the last. What says nothing, or
 * nothing that can be read, leaves what was.
 */
export function merged(held: Json, later: Json): Json {
  const before = isSplit(held, later) ? withoutPrompt(held, later) : held;
  const both: Json = {};
  for (const name of [...COUNTS, ...Object.keys(PARTS), ...WORDS, ...ATTEMPT_WORDS, "iterations"]) {
    give(both, name, joined(before[name], later[name], RULES[name] ?? last));
  }
  return both;
}

/** The same within so many bytes: what is said of attempts is unreadable where there are too many of them. */
export function fitted(usage: unknown, mostBytes: number): unknown {
  const members = object(usage);
  if (!members?.iterations || Buffer.byteLength(JSON.stringify(members)) <= mostBytes) return usage;
  return { ...members, iterations: ODD };
}

/** A count, however it is written: 12, 12.0, "12". */
export function count(value: unknown): number | undefined {
  const number = typeof value === "string" && NUMBER.test(value) ? Number(value) : value;
  return Number.isSafeInteger(number) && (number as number) >= 0 ? (number as number) : undefined;
}

function told(members: Json, isUnreadable: boolean, isForeign: boolean): Told {
  const hasCounts = Object.keys(members).some((name) => COUNTS.includes(name) || name in PARTS);
  const saysNothing = !hasCounts && attemptsOf(members).length === 0;
  return { members, isUnreadable: isUnreadable || (isForeign && saysNothing) };
}

/** It has members, and none that the API has. */
function isForeign(usage: unknown): boolean {
  const names = Object.keys(object(usage) ?? {});
  return !names.some((name) => KNOWN.includes(name)) && names.some((name) => !UNUSED.includes(name));
}

function attempt(one: unknown): Json | false {
  const said = isEmptyList(one) ? {} : object(one);
  return said ? fields(said, ATTEMPT_WORDS) : ODD;
}

/** Counts, the objects around some of them, and words. */
function fields(said: Json, words: string[]): Json {
  const found: Json = {};
  for (const name of COUNTS) give(found, name, countOrOdd(said[name]));
  for (const [name, parts] of Object.entries(PARTS)) {
    const inner = isEmptyList(said[name]) ? {} : object(said[name]);
    const counts: Json = {};
    for (const part of parts) give(counts, part, countOrOdd(inner?.[part]));
    if (said[name] != null) found[name] = inner ? counts : ODD;
  }
  for (const name of words) give(found, name, wordOrOdd(said[name]));
  return found;
}

function give(found: Json, name: string, value: unknown): void {
  if (value !== undefined) found[name] = value;
}

function countOrOdd(value: unknown): number | false | undefined {
  return value == null ? undefined : (count(value) ?? ODD);
}

/** A word of the API. An empty one says nothing. */
function wordOrOdd(value: unknown): string | false | undefined {
  if (value == null || value === "") return undefined;
  const isWord = typeof value === "string" && !hasHalves(value) && Buffer.byteLength(value) <= LONGEST_WORD_BYTES;
  return isWord ? value : ODD;
}

type Rule = (held: any, later: any) => unknown;

/** Both by a rule, where both can be read; otherwise the one that can, or that says anything. */
function joined(held: unknown, later: unknown, rule: Rule): unknown {
  if (held !== undefined && held !== ODD && later !== undefined && later !== ODD) return rule(held, later);
  return later === undefined || (later === ODD && held !== undefined) ? held : later;
}

const last: Rule = (_, later) => later;

function mergedParts(held: Json, later: Json): Json {
  const both = { ...held };
  for (const [part, count] of Object.entries(later)) both[part] = joined(held[part], count, Math.max);
  return both;
}

/** Whether the same prompt is told as all input first, and then with more of it from the cache. */
function isSplit(held: Json, later: Json): boolean {
  const [whole, rest] = [countIn(held, "input_tokens") ?? 0, countIn(later, "input_tokens") ?? 0];
  return 0 < rest && rest < whole && cached(later) > cached(held) && rest + cached(later) >= whole;
}

function cached(usage: Json): number {
  const [fiveMinutes, hour] = WRITES.map((part) => countIn(usage.cache_creation, part) ?? 0) as [number, number];
  const total = countIn(usage, "cache_creation_input_tokens") ?? 0;
  return hour + Math.max(total - hour, fiveMinutes) + (countIn(usage, "cache_read_input_tokens") ?? 0);
}

/** Without what is told anew of the prompt. */
function withoutPrompt(held: Json, later: Json): Json {
  const isAnew = (told: unknown, name: string) => countIn(told, name) !== undefined;
  const members = Object.entries(held).filter(([name]) => !PROMPT.includes(name) || !isAnew(later, name));
  const rest: Json = Object.fromEntries(members);
  const parts = object(held.cache_creation);
  if (parts) {
    const kept = Object.entries(parts).filter(([name]) => !isAnew(later.cache_creation, name));
    rest.cache_creation = Object.fromEntries(kept);
  }
  return rest;
}

/** Where both list the same attempts, one by one; otherwise the longer list, or the later of two as long. */
function mergedAttempts(held: unknown[], later: unknown[]): unknown[] {
  const [longer, shorter] = later.length >= held.length ? [later, held] : [held, later];
  if (shorter.some((_, place) => kind(held[place]) !== kind(later[place]))) return longer;
  // One that is no object in the longer list stays none.
  return longer.map((one, place) => {
    if (place >= shorter.length || one === ODD) return one;
    return merged(object(held[place]) ?? {}, object(later[place]) ?? {});
  });
}

/** Without the output that is still generated: at the top, and of the attempt that produces the message. */
function unfinished(usage: Json): Json {
  const rest = withoutOutput(usage);
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
function withoutOutput({ output_tokens: output, ...rest }: Json): Json {
  return output === ODD ? { ...rest, output_tokens: ODD } : rest;
}

function attemptsOf({ iterations }: Json): unknown[] {
  return Array.isArray(iterations) ? iterations : [];
}

function kind(attempt: unknown): unknown {
  return object(attempt)?.type;
}

function countIn(usage: unknown, name: string): number | undefined {
  const found = object(usage)?.[name];
  return typeof found === "number" ? found : undefined;
}

function isEmptyList(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0;
}

function isEmptyObject(value: unknown): boolean {
  return object(value) !== undefined && Object.keys(value as Json).length === 0;
}

const RULES: Record<string, Rule> = {
  ...Object.fromEntries(COUNTS.map((name) => [name, Math.max])),
  ...Object.fromEntries(Object.keys(PARTS).map((name) => [name, mergedParts])),
  iterations: mergedAttempts,
};

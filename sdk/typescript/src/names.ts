/** Names as Tacho keeps them: what is too long would cost the event, so it is cut here as it is cut there. */

import { createHash } from "node:crypto";

import type { Dimensions } from "./scope.js";

const NAME_BYTES = 256;
const LABEL_BYTES = 64;
const LABELS = 32;
const MARK_DIGITS = 8;
// No key is as long.
const LONGEST_KEY = 1024;
const TAIL_BYTES = Buffer.byteLength("…") + MARK_DIGITS;
const CONTROL = /[\x00-\x1f\x7f-\x9f]/;
// Of the API, of Tacho, and other secrets of Tacho.
const KEY = new RegExp(
  [
    /(?:(?<![0-9A-Za-z])|(?<=%[0-9A-Fa-f]{2}))sk-ant-[0-9A-Za-z_-]*/,
    /tch_[0-9A-Za-z]{3}_[0-9A-Za-z]{8}_[0-9A-Za-z_-]{6,}/,
    /(?:whsec_|tacho_session=|sign-in\?token=)[0-9A-Za-z_+/=%-]{16,}/,
  ]
    .map((kind) => kind.source)
    .join("|"),
);

/** Stands for a value that cannot be said in text. No text that is given can be it. */
export const UNREADABLE = "\ud800(unreadable)";

/** What is said of a name that could not be taken as it was given. */
export interface Remark {
  code: "cut" | "attribution_unreadable";
  field: string;
}

/** A value as text; `UNREADABLE` if that fails, says only what kind of thing it is, or is of many values. */
export function text(value: unknown): string {
  try {
    if (isMany(value)) return UNREADABLE;
    const said = String(value);
    return typeof value === "object" && said.startsWith("[object ") ? UNREADABLE : said;
  } catch {
    return UNREADABLE;
  }
}

/** Whether it is a list, a map or the like. */
export function isMany(value: unknown): boolean {
  return typeof value === "object" && value !== null && Symbol.iterator in value && !(value instanceof String);
}

/** As much of a name as Tacho keeps. Ends in a hash of the whole, so that names that differ stay different. */
export function cut(name: string, mostBytes: number): string {
  const whole = Buffer.from(name.replace(/\p{Surrogate}/gu, escaped));
  if (whole.length <= mostBytes) return name;
  const key = KEY.exec(name);
  // Tacho keeps its fingerprint in place of all of it; half of a key would have another.
  if (key) return key[0].slice(0, LONGEST_KEY);
  const mark = createHash("sha256").update(whole).digest("hex").slice(0, MARK_DIGITS);
  let end = mostBytes - TAIL_BYTES;
  // Not within a character.
  while (end > 0 && (whole.readUInt8(end) & 0xc0) === 0x80) end -= 1;
  return `${whole.subarray(0, end).toString()}…${mark}`;
}

/** Whether that is less than all of a name. A key in its place is not: it tells as much. */
export function wasCut(name: string, kept: string): boolean {
  return kept !== name && !KEY.test(name);
}

/** Whether half of a surrogate pair is in it. */
export function hasHalves(name: string): boolean {
  return /\p{Surrogate}/u.test(name);
}

/** A word of the API, as Tacho takes it from an answer. */
export function word(value: unknown): string | undefined {
  return typeof value === "string" && value && !hasHalves(value) && !CONTROL.test(value) ? value : undefined;
}

/** Half of a surrogate pair, as Tacho writes it: no text holds one. */
function escaped(half: string): string {
  const code = half.charCodeAt(0);
  const bytes = [0xe0 | (code >> 12), 0x80 | ((code >> 6) & 0x3f), 0x80 | (code & 0x3f)];
  return bytes.map((byte) => `%${byte.toString(16).toUpperCase()}`).join("");
}

/** The fields of an event: dimensions that Tacho takes, and what there is to remark on them. */
export function fields(dimensions: Dimensions): Dimensions & { remarks?: Remark[] } {
  const remarks: Remark[] = [];
  const note = (code: Remark["code"], field: string): void => {
    if (!remarks.some((remark) => remark.code === code && remark.field === field)) remarks.push({ code, field });
  };
  const kept = (name: string, field: string, mostBytes: number): string => {
    if (name === UNREADABLE) {
      note("attribution_unreadable", field);
      return "";
    }
    const short = cut(name, mostBytes);
    if (wasCut(name, short)) note("cut", field);
    // What is sent may hold none of them any more.
    if (hasHalves(name)) note("attribution_unreadable", field);
    return short;
  };
  const { labels, ...names } = dimensions;
  const found: Dimensions & { remarks?: Remark[] } = {};
  for (const name of ["user", "feature", "session", "project"] as const) {
    const value = names[name];
    if (value !== undefined) found[name] = kept(value, name, NAME_BYTES);
  }
  if (labels) {
    // In the order of their bytes, so that the same ones are left whoever cuts.
    const all = Object.entries(labels)
      .map(([label, value]) => [kept(label, "labels", LABEL_BYTES), value] as const)
      .sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    if (all.length > LABELS) note("cut", "labels");
    found.labels = Object.fromEntries(
      all.slice(0, LABELS).map(([label, value]) => [label, kept(value, "labels", NAME_BYTES)]),
    );
  }
  if (remarks.length > 0) found.remarks = remarks;
  return found;
}

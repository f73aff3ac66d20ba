/** When a server wants to be asked again, in every form in which servers say it. */

const LONGEST_WAIT_MS = 24 * 60 * 60 * 1_000;
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
/** The forms of RFC 9110, section 5.6.7, that name a time zone; and the one that does not. */
const DATE = /^[A-Z][a-z]+, \d\d[ -][A-Z][a-z]{2}[ -](\d{4}|\d\d) \d\d:\d\d:\d\d GMT$/;
const DATE_OF_ASCTIME = /^[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \d{4}$/;

/**
 * How long the headers of an answer ask to be left alone, in milliseconds.
 *
 * `retry-after-ms` goes before `Retry-After`, whose seconds may have a fraction, and which may be a date. What has
 * passed is now, a day is the most, and what cannot be read says nothing.
 */
export function retryAfterMs(
  headers: Readonly<Record<string, string | string[] | undefined>>,
  nowMs: number,
): number | undefined {
  const said = (name: string) => [headers[name] ?? ""].flat()[0]?.trim() ?? "";
  const [milliseconds, other] = [said("retry-after-ms"), said("retry-after")];
  if (NUMBER.test(milliseconds)) return bounded(Number(milliseconds));
  if (NUMBER.test(other)) {
    const seconds = Number(other);
    // Nobody means thirty years or more: so many seconds are since 1970, as some gateways say it.
    return bounded(seconds * 1_000 - (seconds >= 1e9 && seconds < 1e11 ? nowMs : 0));
  }
  const atMs = Date.parse(DATE.test(other) ? other : DATE_OF_ASCTIME.test(other) ? `${other} GMT` : "");
  // JavaScript takes February 30 for March 2.
  const isDay = new Date(atMs).getUTCDate() === Number(/\d+/.exec(other)?.[0]);
  return isDay ? bounded(atMs - nowMs) : undefined;
}

function bounded(waitMs: number): number {
  return Math.min(LONGEST_WAIT_MS, Math.max(0, waitMs));
}

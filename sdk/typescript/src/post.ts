/** Posting a batch of events to Tacho, and what its answer means. */

import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import { promisify } from "node:util";
import { gzip } from "node:zlib";

import type { Event } from "./exchange.js";
import { retryAfterMs } from "./retry-after.js";
import { type Json, ODD, object } from "./usage.js";

const GZIP_FROM_BYTES = 8 << 10;
const ANSWER_WITHIN_MS = 5_000;
const LONGEST_ANSWER = 1 << 20;
// A count that no call can have is the API's mistake or a gateway's: it is unknown, and the call counts. What does not
// know the word passes over it.
const PATH = "/v1/events?implausible=unknown";
// Refusals that may be for what the event says of its usage.
const ABOUT_USAGE: unknown[] = ["implausible", "invalid_number", "item_too_large", "too_deep"];

/** What became of a batch. */
export interface Outcome {
  /** Sending it again would not help, or is not needed. */
  settled: boolean;
  /** When Tacho wants it again, if it says so. */
  retryAfterMs?: number;
  /** Events that were refused for good. */
  lost?: number;
  /** Why, in the words of Tacho. */
  warning?: string;
  /** Events to send once more, as they are here. */
  again?: readonly Event[];
  /** They were too many for one body. */
  tooLarge?: boolean;
}

/** Where events go, and the key that lets them in. */
export class Address {
  readonly #url: URL;
  readonly #key: string;

  /** Throws for anything but an http or https address and a key of one line. */
  constructor(url: string, key: string) {
    this.#url = new URL(url.replace(/\/+$/, "") + PATH);
    this.#key = key.trim();
    if (!/^https?:$/.test(this.#url.protocol) || !/^[\x21-\x7e]+$/.test(this.#key))
      throw new TypeError("not an address or a key");
  }

  /** Posts a batch. A post under way keeps no process alive. */
  async post(batch: readonly Event[]): Promise<Outcome> {
    const sentAt = new Date().toISOString();
    let body = Buffer.from(JSON.stringify(batch.map((event) => ({ ...event, sent_at: sentAt }))));
    const headers: Record<string, string> = {
      authorization: `Bearer ${this.#key}`,
      "content-type": "application/json",
    };
    if (body.length >= GZIP_FROM_BYTES) {
      body = await promisify(gzip)(body);
      headers["content-encoding"] = "gzip";
    }
    headers["content-length"] = String(body.length);
    const answer = await this.#exchange(body, headers).catch(() => undefined);
    if (!answer) return { settled: false };
    const { status, waitMs, text } = answer;
    if (status === 408 || status === 429 || status >= 500) {
      return { settled: false, ...(waitMs === undefined ? {} : { retryAfterMs: waitMs }) };
    }
    return settled(status, parsed(text), batch);
  }

  #exchange(
    body: Buffer,
    headers: Record<string, string>,
  ): Promise<{ status: number; waitMs: number | undefined; text: string }> {
    return new Promise((resolve, reject) => {
      const send = this.#url.protocol === "https:" ? httpsRequest : httpRequest;
      // A connection of its own: a kept one may have been closed meanwhile.
      const request = send(this.#url, { method: "POST", headers, agent: false }, (response) => {
        let text = "";
        response.setEncoding("utf8");
        response.on("data", (part: string) => {
          if (text.length < LONGEST_ANSWER) text += part;
        });
        response.on("error", reject);
        response.on("close", () => {
          clearTimeout(patience);
          const waitMs = retryAfterMs(response.headers, Date.now());
          if (response.complete) resolve({ status: response.statusCode ?? 0, waitMs, text });
          else reject(new Error("the answer broke off"));
        });
      });
      const patience = setTimeout(
        () => request.destroy(new Error("no answer in time")),
        ANSWER_WITHIN_MS,
      ).unref();
      request.on("socket", (socket) => socket.unref());
      request.on("error", (error) => {
        clearTimeout(patience);
        reject(error);
      });
      request.end(body);
    });
  }
}

function settled(status: number, answer: Json | undefined, sent: readonly Event[]): Outcome {
  if (status === 200) return { settled: true };
  if ((status === 207 || status === 422) && Array.isArray(answer?.results)) {
    // What is in conflict was stored before, from another source; the first one stays.
    const refused = answer.results.map(object).filter((result) => result?.status === "rejected");
    const tries = refused.map((result) => ({ message: result?.message, event: withoutUsage(result, sent) }));
    const lost = tries.filter(({ event }) => !event);
    const again = tries.flatMap(({ event }) => event ?? []);
    return { settled: true, lost: lost.length, warning: String(lost[0]?.message), again };
  }
  if (status === 413 && sent.length > 1) return { settled: true, again: sent, tooLarge: true };
  const message = object(answer?.error)?.message ?? "is this the address of a Tacho?";
  return { settled: true, lost: sent.length, warning: `status ${status}: ${String(message)}` };
}

/** The event that was refused, with usage unreadable, so that its call counts; none if it went like that already. */
function withoutUsage(refused: Json | undefined, sent: readonly Event[]): Event | undefined {
  const event = sent[Number(refused?.index ?? -1)];
  const isTried = !event || event.usage === undefined || event.usage === ODD;
  return isTried || !ABOUT_USAGE.includes(refused?.code) ? undefined : { ...event, usage: ODD };
}

function parsed(text: string): Json | undefined {
  try {
    return object(JSON.parse(text));
  } catch {
    return undefined;
  }
}

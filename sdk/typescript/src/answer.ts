/** What an answer says, read from its bytes as they pass: a stream of events, or one JSON document. */

import { Scanner } from "./sse.js";
import { type Json, type Told, object, whole } from "./usage.js";

// A document beyond this is not read: what it says stays unknown.
const LARGEST_BODY = 16 << 20;

const BLANK = /^[\s\ufeff]+/;
const DOCUMENT = /^[{[]/;
const STREAM = /^(:|(event|data|id|retry)[:\r\n])/;
const FIELDS = ["event", "data", "id", "retry"];

/** The body of one answer. Its first bytes say what it is; what was asked for, only where they leave it open. */
export class Answer {
  /** Reads the events, once it is known to be a stream. */
  scanner: Scanner | undefined;
  #isDocument = false;
  #head = "";
  #body: string[] = [];
  #bodyBytes = 0;
  #mayBeStream: boolean;
  readonly #decoder = new TextDecoder();

  constructor(askedForStream: boolean) {
    this.#mayBeStream = askedForStream;
  }

  /** What its head says it is, for where its bytes leave that open, too. */
  isOf(contentType: string): void {
    const mediaType = contentType.split(";")[0]?.trim().toLowerCase();
    this.#mayBeStream ||= mediaType === "text/event-stream";
  }

  /** Takes the next bytes, wherever they were cut. */
  feed(bytes: Uint8Array): void {
    this.#bodyBytes += bytes.byteLength;
    this.#take(this.#decoder.decode(bytes, { stream: true }));
  }

  /** No more bytes come: what it is, is known by now. */
  end(): void {
    if (!this.scanner && !this.#isDocument) this.#decide(this.#mayBeStream);
  }

  /** Model, stop_reason and error, and what it tells of its usage, as far as they are known. */
  said(): { words: Json; usage: Told } {
    this.end();
    if (this.scanner) return { words: this.scanner.said(), usage: this.scanner.usage() };
    const words = this.#document();
    return { words, usage: whole(words.usage) };
  }

  #document(): Json {
    try {
      return (this.#bodyBytes <= LARGEST_BODY && object(JSON.parse(this.#body.join("")))) || {};
    } catch {
      return {}; // Not whole, or none of the API's.
    }
  }

  #take(text: string): void {
    if (this.scanner || this.#isDocument) return this.#passOn(text);
    this.#head = (this.#head + text).replace(BLANK, "");
    if (FIELDS.some((field) => field.startsWith(this.#head))) return;
    this.#decide(STREAM.test(this.#head) || (this.#mayBeStream && !DOCUMENT.test(this.#head)));
  }

  #decide(isStream: boolean): void {
    if (isStream) this.scanner = new Scanner();
    else this.#isDocument = true;
    this.#passOn(this.#head);
  }

  #passOn(text: string): void {
    if (this.scanner) this.scanner.feed(text);
    else if (this.#bodyBytes <= LARGEST_BODY) this.#body.push(text);
    else this.#body = [];
  }
}

/** What an answer says, read from its bytes as they pass: a stream of events, or one JSON document. */

import { Scanner } from "./sse.js";
import { type Json, object } from "./usage.js";

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
  readonly #askedForStream: boolean;
  readonly #decoder = new TextDecoder();

  constructor(askedForStream: boolean) {
    this.#askedForStream = askedForStream;
  }

  /** Takes the next bytes, wherever they were cut. */
  feed(bytes: Uint8Array): void {
    this.#bodyBytes += bytes.byteLength;
    this.#take(this.#decoder.decode(bytes, { stream: true }));
  }

  /** Model, stop_reason, usage and error, as far as they are known. */
  said(): Json | undefined {
    if (!this.scanner && !this.#isDocument) this.#take("\n");
    if (this.scanner) return this.scanner.said();
    try {
      return this.#bodyBytes <= LARGEST_BODY ? object(JSON.parse(this.#body.join(""))) : undefined;
    } catch {
      return undefined; // Not whole, or none of the API's.
    }
  }

  #take(text: string): void {
    if (!this.scanner && !this.#isDocument) {
      this.#head = (this.#head + text).replace(BLANK, "");
      if (FIELDS.some((field) => field.startsWith(this.#head))) return;
      const isStream = STREAM.test(this.#head) || (this.#askedForStream && !DOCUMENT.test(this.#head));
      if (isStream) this.scanner = new Scanner();
      else this.#isDocument = true;
      text = this.#head;
    }
    if (this.scanner) this.scanner.feed(text);
    else if (this.#bodyBytes <= LARGEST_BODY) this.#body.push(text);
    else this.#body = [];
  }
}

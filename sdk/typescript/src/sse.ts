/** Reads usage out of a stream of server-sent events, as its bytes pass by. */

import { word } from "./names.js";
import { type Json, type Told, Usage, object } from "./usage.js";

// Longer lines are cut: no event that is read here comes near it, and memory stays bounded.
const LONGEST_LINE = 1 << 20;

const READ = ["message_start", "message_delta", "message_stop", "error"];
const TELL_USAGE = ["message_start", "message_delta"];
const CONTENT = "content_block_delta";
const SKIPPED = [CONTENT, "content_block_start", "content_block_stop", "ping"];

/** What a message stream has said so far. Content is skipped without looking at it. */
export class Scanner {
  /** Of the message. */
  model: string | undefined;
  stopReason: string | undefined;
  /** The API's error, if it sent one within the stream: then that is how it ended. */
  error: Json | undefined;
  contentBegan = false;
  stopped = false;
  readonly #usage = new Usage();
  #event = "";
  #data: string[] = [];
  #dataLength = 0;
  #line = "";
  #afterReturn = false;

  /** Takes the next text, wherever it was cut. */
  feed(text: string): void {
    if (this.#afterReturn && text.startsWith("\n")) text = text.slice(1);
    if (text !== "") this.#afterReturn = text.endsWith("\r");
    const lines = text.split(/\r\n|\n|\r/);
    for (const [place, line] of lines.entries()) {
      if (this.#line.length < LONGEST_LINE) this.#line += line;
      if (place < lines.length - 1) {
        this.#take(this.#line);
        this.#line = "";
      }
    }
  }

  /** The usage as far as it can be trusted. */
  usage(): Told {
    return this.#usage.told(this.stopped || this.stopReason !== undefined);
  }

  /** All of it, as a message that is no stream says it. */
  said(): Json {
    const error = this.error ? { type: "error", error: this.error } : {};
    return { model: this.model, stop_reason: this.stopReason, ...error };
  }

  #take(line: string): void {
    if (line === "") {
      const event = this.#event;
      const data = this.#data.join("\n");
      const hasData = this.#data.length > 0 || this.#dataLength > 0;
      this.#event = "";
      this.#data = [];
      this.#dataLength = 0;
      if (READ.includes(event) && hasData) this.#read(this.#parsed(event, data), event);
      else if (!SKIPPED.includes(event) && this.#mayTell(data)) this.#read(this.#parsed(event, data), "");
      return;
    }
    const colon = line.indexOf(":");
    const name = line.slice(0, colon);
    const value = line.slice(line[colon + 1] === " " ? colon + 2 : colon + 1);
    if (name === "event") {
      this.#event = value;
      this.contentBegan ||= value === CONTENT;
    } else if (name === "data" && !SKIPPED.includes(this.#event)) {
      this.#dataLength += value.length;
      if (this.#dataLength <= LONGEST_LINE) this.#data.push(value);
    }
  }

  /** An event without a name, or of one that the API has not, may be any. */
  #mayTell(data: string): boolean {
    const types = this.contentBegan ? READ : [...READ, CONTENT];
    return types.some((type) => data.includes(`"${type}"`));
  }

  /** Nothing, if it is not what the API sends: what it would have said stays unknown. */
  #parsed(event: string, data: string): Json | undefined {
    try {
      return object(JSON.parse(data));
    } catch {
      if (TELL_USAGE.includes(event)) this.#usage.lost();
      return undefined;
    }
  }

  #read(event: Json | undefined, name: string): void {
    const type = name || event?.type;
    if (type === "message_start") {
      const message = object(event?.message);
      this.model = word(message?.model) ?? this.model;
      this.stopReason = word(message?.stop_reason) ?? this.stopReason;
      this.#usage.start(message?.usage);
    } else if (type === "message_delta") {
      this.stopReason = word(object(event?.delta)?.stop_reason) ?? this.stopReason;
      this.#usage.delta(event?.usage);
    } else if (type === CONTENT) {
      this.contentBegan = true;
    } else if (type === "message_stop") {
      this.stopped = true;
    } else if (type === "error") {
      this.error = object(event?.error) ?? {};
    }
  }
}

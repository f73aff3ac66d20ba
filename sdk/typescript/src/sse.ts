/** Reads usage out of a stream of server-sent events, as its bytes pass by. */

/** An object as it came out of JSON. */
export type Json = Record<string, unknown>;

/** The value, if it is an object. */
export function object(value: unknown): Json | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Json) : undefined;
}

// Longer lines are cut: no event that is read here comes near it, and memory stays bounded.
const LONGEST_LINE = 1 << 20;

const READ = new Set(["message_start", "message_delta", "message_stop", "error"]);

// What `message_start` says of these is a placeholder.
const COUNTED_AT_THE_END = new Set(["output_tokens", "output_tokens_details", "iterations"]);

/** What a message stream has said so far. Content is skipped without looking at it. */
export class Scanner {
  /** Of the message. */
  model: unknown;
  stopReason: unknown;
  /** The API's error, if it sent one within the stream. */
  error: Json | undefined;
  contentBegan = false;
  stopped = false;
  #usage: Json | undefined;
  #outputCounted = false;
  #event = "";
  #data: string[] = [];
  #line = "";
  #afterReturn = false;
  readonly #decoder = new TextDecoder();

  /** Takes the next bytes, wherever they were cut. */
  feed(bytes: Uint8Array): void {
    let text = this.#decoder.decode(bytes, { stream: true });
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

  /** The usage of `message_start`, overlaid with the last of each field in `message_delta`; as far as it can be trusted. */
  usage(): Json | undefined {
    if (this.#outputCounted || !this.#usage) return this.#usage;
    return Object.fromEntries(Object.entries(this.#usage).filter(([name]) => !COUNTED_AT_THE_END.has(name)));
  }

  #take(line: string): void {
    if (line === "") {
      const event = this.#event;
      const data = this.#data.join("\n");
      this.#event = "";
      this.#data = [];
      if (READ.has(event) && data !== "") this.#read(data);
      return;
    }
    const colon = line.indexOf(":");
    const name = line.slice(0, colon);
    const value = line.slice(line[colon + 1] === " " ? colon + 2 : colon + 1);
    if (name === "event") {
      this.#event = value;
      this.contentBegan ||= value === "content_block_delta";
    } else if (name === "data" && READ.has(this.#event)) {
      this.#data.push(value);
    }
  }

  #read(data: string): void {
    let event: Json | undefined;
    try {
      event = object(JSON.parse(data));
    } catch {
      return; // Not what the API sends: what it would have said stays unknown.
    }
    if (event?.type === "message_start") {
      const message = object(event.message);
      this.model = message?.model;
      this.stopReason = message?.stop_reason;
      this.#usage = { ...object(message?.usage) };
    } else if (event?.type === "message_delta") {
      this.stopReason = object(event.delta)?.stop_reason ?? this.stopReason;
      const said = Object.entries(object(event.usage) ?? {}).filter(([, value]) => value !== null);
      this.#usage = { ...this.#usage, ...Object.fromEntries(said) };
      this.#outputCounted ||= said.some(([name]) => name === "output_tokens");
    } else if (event?.type === "message_stop") {
      this.stopped = true;
    } else if (event?.type === "error") {
      this.error = object(event.error) ?? {};
    }
  }
}

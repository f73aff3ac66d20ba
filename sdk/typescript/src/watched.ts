/** Looks on while an answer is read. What the caller reads, and when, stays as it was. */

import type { Exchange } from "./exchange.js";

// The body of an error is small, and has come with the head.
const REST_WITHIN_MS = 1_000;

// A caller may drop a stream without closing it. `fetch` would then cancel its body; it cannot cancel one that is
// being read, as this one is from here.
const dropped = new FinalizationRegistry((drop: () => void) => drop());

/**
 * The response, with a body that passes each chunk on when the caller asks for it.
 *
 * Not `ctx.parse` or `clone()`: a copy would have to be read ahead of a slow caller, who would then find all of
 * the answer in memory, and closing the original would no longer stop the transfer.
 */
export function watched(
  response: Response,
  body: ReadableStream<Uint8Array>,
  exchange: Exchange,
  signal?: AbortSignal | null,
): Response {
  const reader = body.getReader();
  const stream = new ReadableStream(
    {
      type: "bytes",
      async pull(controller) {
        try {
          let part = await reader.read();
          while (!part.done && part.value.byteLength === 0) part = await reader.read();
          if (part.done) {
            exchange.ended();
            controller.close();
            controller.byobRequest?.respond(0);
          } else {
            look(exchange, part.value);
            // A copy, since this kind of stream takes the memory away, and that may be of a pool.
            controller.enqueue(part.value.slice());
          }
        } catch (error) {
          if (signal?.aborted) exchange.stoppedReading();
          else exchange.broke();
          controller.error(error);
        }
      },
      cancel(reason) {
        if (exchange.failed) {
          void readRest(reader, exchange);
          return undefined;
        }
        exchange.stoppedReading();
        return reader.cancel(reason);
      },
    },
    { highWaterMark: 0 },
  );
  // The SDK aborts what its caller leaves, who then may not read on to notice.
  signal?.addEventListener("abort", () => exchange.stoppedReading(), { once: true });
  dropped.register(stream, () => {
    exchange.stoppedReading();
    reader.cancel().catch(() => {});
  });
  const { status, statusText, headers } = response;
  return Object.defineProperties(new Response(stream, { status, statusText, headers }), {
    // What a constructed response cannot be told.
    url: { value: response.url },
    type: { value: response.type },
    redirected: { value: response.redirected },
  });
}

/** Reads on in an error that the caller has left, as the SDK does to try again. Nobody waits for this. */
async function readRest(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  exchange: Exchange,
): Promise<void> {
  const patience = setTimeout(() => void reader.cancel().catch(() => {}), REST_WITHIN_MS).unref();
  try {
    for (let part = await reader.read(); !part.done; part = await reader.read()) look(exchange, part.value);
  } catch {
    // It says what it has said.
  }
  clearTimeout(patience);
  exchange.stoppedReading();
}

function look(exchange: Exchange, bytes: Uint8Array): void {
  try {
    exchange.chunk(bytes);
  } catch {
    // What it said stays unknown.
  }
}

/** The middleware: one event per HTTP attempt, and nothing changed for the caller. */

import { Delivery } from "./delivery.js";
import { Exchange, endpointOf } from "./exchange.js";
import { type Dimensions, type Scope, current, dimensions, merged } from "./scope.js";
import { watched } from "./watched.js";

/**
 * What the SDK shows a middleware, as far as it is looked at here.
 *
 * Written down instead of imported: the types of two versions of the SDK need not fit each other, and npm links
 * a folder together with its own copy of the SDK.
 */
export interface Asked {
  url: string;
  headers: Headers;
  signal?: AbortSignal | null;
}

/** The SDK's helpers for one request, as far as they are used here. */
export interface Context {
  readonly options?:
    | { body?: unknown; stream?: boolean | undefined; signal?: AbortSignal | null | undefined }
    | undefined;
}

/** What `tacho.hook` takes besides address and key. */
export interface HookOptions extends Pick<Scope, "project" | "feature" | "labels"> {
  /** How many events may wait to be sent, 10,000 unless given; beyond it the oldest are dropped, and counted. */
  maxQueued?: number | undefined;
}

/** Middleware for `new Anthropic({ middleware: [...] })`; one serves any number of clients. */
export interface Hook {
  /** The SDK calls this for every attempt. */
  <Request extends Asked>(
    request: Request,
    next: (request: Request) => Promise<Response>,
    context: Context,
  ): Promise<Response>;
  /** Events that did not reach Tacho and never will. */
  readonly dropped: number;
  /** Sends what waits, for `timeoutMs` (2,000) at most. Whether nothing waits any more. */
  flush(timeoutMs?: number): Promise<boolean>;
  /** As `flush`, and reports no more. Calls go on as they did. */
  close(timeoutMs?: number): Promise<boolean>;
}

/**
 * Makes a hook: `new Anthropic({ middleware: [tacho.hook("http://127.0.0.1:8787", key)] })`.
 *
 * Address and key default to the environment's `TACHO_URL` and `TACHO_KEY`. `project`, `feature` and `labels`
 * are what calls are for unless a `tacho.scope` says otherwise.
 */
export function hook(url?: string, key?: string, options: HookOptions = {}): Hook {
  const delivery = new Delivery(
    url || process.env.TACHO_URL,
    key || process.env.TACHO_KEY,
    options.maxQueued ?? 10_000,
  );
  const { project, feature, labels } = options;
  const defaults = dimensions({ project, feature, labels });

  const middleware = async <Request extends Asked>(
    request: Request,
    next: (request: Request) => Promise<Response>,
    context: Context,
  ): Promise<Response> => {
    const exchange = begin(delivery, defaults, request, context);
    if (!exchange) return next(request);
    let response: Response;
    try {
      response = await next(request);
    } catch (error) {
      // The words that the SDK's own tracing has for them.
      if (context.options?.signal?.aborted) exchange.unanswered("client_cancelled");
      else exchange.unanswered("unreachable", isAbort(error) ? "client_timeout_error" : "connection_error");
      throw error;
    }
    return follow(exchange, response, request, context);
  };

  return Object.defineProperties(middleware, {
    dropped: { get: () => delivery.dropped },
    flush: { value: (timeoutMs = 2_000) => answersAreRead().then(() => delivery.flush(timeoutMs)) },
    close: { value: (timeoutMs = 2_000) => answersAreRead().then(() => delivery.close(timeoutMs)) },
  }) as Hook;
}

function begin(
  delivery: Delivery,
  defaults: Dimensions,
  request: Asked,
  context: Context,
): Exchange | undefined {
  try {
    const endpoint = endpointOf(request.url);
    if (!endpoint) return undefined;
    return new Exchange((event) => delivery.put(event), {
      endpoint,
      body: context.options?.body,
      stream: Boolean(context.options?.stream),
      attempt: Number(request.headers.get("x-stainless-retry-count")) || 0,
      dimensions: merged(defaults, current()),
    });
  } catch {
    return undefined; // Not followed: the call matters more.
  }
}

/** The response for the caller, after arranging to learn what it says. */
function follow(exchange: Exchange, response: Response, request: Asked, context: Context): Response {
  try {
    exchange.answered(response);
    const isStream = response.ok && exchange.isMessage && context.options?.stream;
    if ((isStream || !response.ok) && response.body) {
      return watched(response, response.body, exchange, request.signal);
    }
    if (response.ok && !exchange.isMessage) {
      // Neither batches nor token counts spend tokens, and the results of a batch are large.
      exchange.unread();
      return response;
    }
    // Read here, too, as its bytes: they may be a stream though none was asked for.
    const copy = response.clone().arrayBuffer();
    const read = copy.then(
      (body) => {
        exchange.chunk(new Uint8Array(body));
        exchange.ended();
      },
      () => (request.signal?.aborted ? exchange.stoppedReading() : exchange.broke()),
    );
    read.catch(() => exchange.unread());
  } catch {
    exchange.unread(); // The attempt counts all the same, with usage unknown.
  }
  return response;
}

/** A turn of the event loop, in which the answers that callers have are read here, too. */
function answersAreRead(): Promise<void> {
  return new Promise((turn) => setImmediate(turn));
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === "AbortError";
}

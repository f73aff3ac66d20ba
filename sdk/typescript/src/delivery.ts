/** Events on their way to Tacho: a bounded queue, and a timer that keeps no process alive. */

import type { Event } from "./exchange.js";
import { Address, type Outcome } from "./post.js";

const BATCH_EVENTS = 500;
const BATCH_AFTER_MS = 1_000;
const FIRST_BACKOFF_MS = 500;
const LONGEST_BACKOFF_MS = 30_000;
const AT_EXIT_MS = 2_000;

/** Takes events without ever blocking or failing, and posts them in batches. */
export class Delivery {
  dropped = 0;
  readonly #address: Address | undefined;
  readonly #maxQueued: number;
  readonly #warned = new Set<string>();
  readonly #flushes = new Set<() => void>();
  #queue: Event[] = [];
  #batchEvents = BATCH_EVENTS;
  #sending = 0;
  #closed = false;
  #timer: NodeJS.Timeout | undefined;
  #since = 0;
  #failures = 0;
  #notBefore = 0;

  constructor(url: string | undefined, key: string | undefined, maxQueued: number) {
    this.#maxQueued = Math.max(1, maxQueued);
    try {
      this.#address = new Address(url ?? "", key ?? "");
    } catch {
      this.#closed = true;
      this.#warn(
        "address",
        "nothing is reported: tacho.hook needs an address and a key, or TACHO_URL and TACHO_KEY",
      );
    }
  }

  /** Events that are neither sent nor dropped. */
  get waiting(): number {
    return this.#queue.length + this.#sending;
  }

  /** Takes an event. When too many wait, the oldest gives way. */
  put(event: Event): void {
    if (this.#closed) {
      this.dropped += 1;
      return;
    }
    if (this.#queue.length === 0) this.#since = performance.now();
    this.#queue.push(event);
    this.#makeRoom();
    sendAtExit(this);
    this.#schedule();
  }

  /** Sends what waits now. Whether nothing does any more within the time. */
  flush(timeoutMs: number): Promise<boolean> {
    if (this.waiting === 0) return Promise.resolve(true);
    if (this.#failures > 0) this.#failures = this.#notBefore = 0;
    return new Promise((resolve) => {
      const end = (done: boolean) => {
        clearTimeout(deadline);
        this.#flushes.delete(settled);
        resolve(done);
      };
      const settled = () => end(true);
      // This one keeps the process alive: somebody waits for it.
      const deadline = setTimeout(() => end(false), timeoutMs);
      this.#flushes.add(settled);
      this.#schedule();
    });
  }

  /** Flushes, and takes no more. What is left is dropped. */
  async close(timeoutMs: number): Promise<boolean> {
    const done = await this.flush(timeoutMs);
    this.#closed = true;
    this.giveUp();
    return done;
  }

  /** Drops what waits to be sent. */
  giveUp(): void {
    this.dropped += this.#queue.length;
    this.#queue = [];
    clearTimeout(this.#timer);
  }

  #makeRoom(): void {
    const over = Math.min(this.waiting - this.#maxQueued, this.#queue.length);
    if (over <= 0) return;
    this.#queue.splice(0, over);
    this.dropped += over;
    this.#warn("full", `${this.#maxQueued} events wait to be sent: the oldest are dropped`);
  }

  #schedule(): void {
    clearTimeout(this.#timer);
    if (this.#sending > 0 || this.#queue.length === 0) return;
    const isDue = this.#flushes.size > 0 || this.#queue.length >= this.#batchEvents || this.#failures > 0;
    const due = Math.max(this.#notBefore, isDue ? 0 : this.#since + BATCH_AFTER_MS);
    this.#timer = setTimeout(
      () => void this.#send().catch(() => {}),
      Math.max(0, due - performance.now()),
    ).unref();
  }

  async #send(): Promise<void> {
    if (this.#sending > 0 || this.#queue.length === 0 || !this.#address) return;
    const batch = this.#queue.splice(0, this.#batchEvents);
    this.#since = performance.now();
    this.#sending = batch.length;
    const lost = (error: unknown): Outcome => ({
      settled: true,
      lost: batch.length,
      warning: (error as Error).name,
    });
    this.#note(batch, await this.#address.post(batch).catch(lost));
    this.#schedule();
  }

  #note(batch: Event[], { settled, lost, warning, again, tooLarge, retryAfterMs }: Outcome): void {
    this.#sending = 0;
    if (settled) {
      this.#failures = this.#notBefore = 0;
      this.dropped += lost ?? 0;
      if (lost) this.#warn("refused", `Tacho refused ${lost} events: ${warning}`);
      if (tooLarge) this.#batchEvents = Math.floor(batch.length / 2);
      this.#putBack(again ?? []);
    } else {
      this.#putBack(batch);
      this.#waitBeforeNext(retryAfterMs);
    }
    if (this.waiting > 0) return;
    unsent.delete(this);
    for (const tell of [...this.#flushes]) tell();
  }

  #putBack(events: readonly Event[]): void {
    if (this.#closed) {
      this.dropped += events.length;
    } else {
      this.#queue.unshift(...events);
      this.#makeRoom();
    }
  }

  #waitBeforeNext(retryAfterMs: number | undefined): void {
    if (retryAfterMs === undefined) {
      const longestMs = Math.min(LONGEST_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** Math.min(this.#failures, 10));
      this.#failures += 1;
      this.#notBefore = performance.now() + longestMs * (0.5 + Math.random() / 2);
    } else {
      this.#failures = 0; // So that no flush comes back sooner than Tacho asked for.
      // "At once" may be what it says each time.
      this.#notBefore = performance.now() + Math.max(FIRST_BACKOFF_MS, retryAfterMs);
    }
  }

  /** Says it once. */
  #warn(what: string, message: string): void {
    if (this.#warned.has(what)) return;
    this.#warned.add(what);
    console.warn(`tacho: ${message}`);
  }
}

/** Those with something to send when the process has nothing else left to do. */
const unsent = new Set<Delivery>();
let listening = false;

function sendAtExit(delivery: Delivery): void {
  unsent.add(delivery);
  if (!listening) process.on("beforeExit", () => void flushAll().catch(() => {}));
  listening = true;
}

async function flushAll(): Promise<void> {
  const deliveries = [...unsent];
  unsent.clear();
  await Promise.all(
    deliveries.map(async (delivery) => {
      if (await delivery.flush(AT_EXIT_MS)) return;
      console.warn(`tacho: ${delivery.waiting} events could not be sent before the process ended`);
      delivery.giveUp();
    }),
  );
}

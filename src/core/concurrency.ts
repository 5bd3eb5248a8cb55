/** Does things one after the other, in the order in which they were asked for. One that fails does not hold up the next. */
export class Queue {
  #last: Promise<unknown> = Promise.resolve();

  /**
   * Does the work when its turn has come, and gives back its result or throws its error.
   *
   * @param signal ends the wait for the turn, with its reason; what has begun goes on to its end
   */
  async add<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    const before = this.#last;
    const ended = Promise.withResolvers<void>();
    this.#last = Promise.all([before, ended.promise]);
    try {
      await endOf(before, signal);
      return await work();
    } finally {
      ended.resolve();
    }
  }
}

async function endOf(turn: Promise<unknown>, signal: AbortSignal | undefined): Promise<void> {
  signal?.throwIfAborted();
  const aborted = Promise.withResolvers<void>();
  const stop = () => aborted.resolve();
  signal?.addEventListener('abort', stop, { once: true });
  await Promise.race([turn, aborted.promise]);
  signal?.removeEventListener('abort', stop);
  signal?.throwIfAborted();
}

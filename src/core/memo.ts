/** Keeps the answers to questions: each is asked once, and all callers share the promise. A failure is forgotten. */
export class Memo<T> {
  readonly #answers = new Map<string, Promise<T>>();

  /** @param ask called if the key has no answer yet, and none is under way */
  async get(key: string, ask: () => Promise<T>): Promise<T> {
    const answer = this.#answers.get(key) ?? ask();
    this.#answers.set(key, answer);
    try {
      return await answer;
    } catch (error) {
      if (this.#answers.get(key) === answer) this.#answers.delete(key);
      throw error;
    }
  }

  /** The next caller asks again, even where an answer is under way. */
  forget(key: string): void {
    this.#answers.delete(key);
  }
}

/** The work, done when it is first asked for, for all callers; after a failure it is done again. */
export function once<T>(work: () => Promise<T>): () => Promise<T> {
  const memo = new Memo<T>();
  return () => memo.get('', work);
}

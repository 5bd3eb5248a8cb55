import { Queue } from '../core/concurrency.ts';
import { Memo } from '../core/memo.ts';
import { type FetchRequest, fetchRef, type Remote } from './fetch.ts';
import type { Git } from './git.ts';

/**
 * The fetches of one process into one clone. They are made one at a time, as two would meet at the same refs and at the
 * clone's list of shallow commits; and one that has not begun yet serves everybody who asks for the same meanwhile, so
 * that what anybody gets was fetched after he asked.
 */
export class SharedFetches {
  readonly #queue = new Queue();
  readonly #notBegun = new Memo<string | undefined>();

  /** As `fetchRef`, which it calls. */
  async fetch(git: Git, remote: Remote, request: FetchRequest): Promise<string | undefined> {
    const key = JSON.stringify([request.source, request.target, request.options]);
    const begin = async () => {
      this.#notBegun.forget(key);
      return await fetchRef(git, remote, request);
    };
    return await this.#notBegun.get(key, () => this.#queue.add(begin, remote.signal));
  }
}

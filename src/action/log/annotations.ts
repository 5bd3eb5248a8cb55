import * as core from '@actions/core';
import { type ActionLog, coloured } from './action-log.ts';

/**
 * GitHub shows so many annotations of a type for each step, and drops the rest
 * (https://github.com/actions/toolkit/blob/main/docs/problem-matchers.md).
 */
const SHOWN = 10;

/** The errors of a step: as many as GitHub shows become annotations, and the last of those says how many there are besides. */
export class Annotations {
  readonly #log: ActionLog;
  readonly #held: { readonly text: string; readonly title: string }[] = [];
  #count = 0;

  constructor(log: ActionLog) {
    this.#log = log;
  }

  /** Shows an error at once; as an annotation while there is room for it. Both texts are without a secret. */
  error(text: string, title: string): void {
    this.#count += 1;
    if (this.#count < SHOWN) core.error(text, { title });
    else {
      this.#held.push({ text, title });
      this.#log.info(`${coloured('red', title)}: ${text}`);
    }
  }

  /** Makes the last annotation, when no error comes any more. */
  end(): void {
    const [first] = this.#held;
    if (first === undefined) return;
    if (this.#held.length === 1) core.error(first.text, { title: first.title });
    else {
      const titles = this.#held.map(({ title }) => title).join('; ');
      core.error(`${titles.slice(0, 2_000)}\nGitHub shows ${SHOWN} annotations: see the log and the job summary.`, {
        title: `${this.#held.length} more failures`,
      });
    }
    this.#held.length = 0;
  }
}

import { createInterface } from 'node:readline/promises';
import { anyOf } from '../core/concurrency.ts';
import { LaunchpadError } from '../core/errors.ts';
import { cancelled } from '../operations/cancellation.ts';

export interface Question {
  readonly instances: readonly string[];
  /** The cluster that they are deleted from, as an operator knows it. */
  readonly cluster: string;
  readonly input: NodeJS.ReadableStream;
  readonly output: NodeJS.WritableStream;
  /** Ends the question without an answer. */
  readonly signal?: AbortSignal;
}

/**
 * Asks the operator to type the names of the instances to deprovision.
 *
 * @throws LaunchpadError `not-confirmed` for another answer, `cancelled` for none
 */
export async function askForConfirmation({ instances, cluster, ...terminal }: Question): Promise<void> {
  const what = instances.join(', ');
  const answer = await ask(
    terminal,
    `This deletes ${what} with all data (databases, files and bucket) from ${cluster}.\nType ${what} to confirm: `,
  );
  const typed = new Set(answer.split(/[\s,]+/).filter((name) => name !== ''));
  if (typed.symmetricDifference(new Set(instances)).size === 0) return;
  throw new LaunchpadError('not-confirmed', `The answer is not ${what}. Nothing was deleted.`);
}

async function ask({ signal, ...streams }: Omit<Question, 'instances' | 'cluster'>, question: string): Promise<string> {
  const controller = new AbortController();
  const lines = createInterface({ ...streams, terminal: true });
  // Ctrl-C, and the end of the input.
  for (const event of ['SIGINT', 'close'] as const) lines.on(event, () => controller.abort());
  const ended = anyOf([controller.signal, signal]);
  try {
    return await lines.question(question, { signal: ended });
  } catch (error) {
    if (ended.aborted) throw cancelled();
    throw error;
  } finally {
    lines.close();
  }
}

import { createInterface } from 'node:readline/promises';
import { LaunchpadError } from '../core/errors.ts';
import { cancelled } from '../operations/cancellation.ts';

export interface Question {
  readonly instances: readonly string[];
  readonly input: NodeJS.ReadableStream;
  readonly output: NodeJS.WritableStream;
}

/**
 * Asks the operator to type the names of the instances to deprovision.
 *
 * @returns the names, as input `confirm` takes them
 * @throws LaunchpadError `not-confirmed` for another answer, `cancelled` for none
 */
export async function askForConfirmation({ instances, input, output }: Question): Promise<string> {
  const what = instances.join(', ');
  const answer = await ask(
    { input, output },
    `This deletes ${what} with all data: databases, files and bucket.\nType ${what} to confirm: `,
  );
  const typed = new Set(answer.split(/[\s,]+/).filter((name) => name !== ''));
  if (typed.symmetricDifference(new Set(instances)).size === 0) return [...typed].join(', ');
  throw new LaunchpadError('not-confirmed', `The answer is not ${what}. Nothing was deleted.`);
}

async function ask(streams: Pick<Question, 'input' | 'output'>, question: string): Promise<string> {
  const controller = new AbortController();
  const lines = createInterface({ ...streams, terminal: true });
  // Ctrl-C, and the end of the input.
  for (const event of ['SIGINT', 'close'] as const) lines.on(event, () => controller.abort());
  try {
    return await lines.question(question, { signal: controller.signal });
  } catch (error) {
    if (controller.signal.aborted) throw cancelled();
    throw error;
  } finally {
    lines.close();
  }
}

import { type ChildProcess, spawn } from 'node:child_process';
import { Socket } from 'node:net';

/** An object of git, by the name that it was asked for. */
export interface GitObject {
  /** Its own name: a hash. */
  readonly object: string;
  /** Such as `tree`. */
  readonly type: string;
  readonly bytes: Buffer;
}

interface ReaderOptions {
  readonly directory: string;
  readonly environment: () => Record<string, string>;
  readonly onStart: () => void;
}

/** The process ended before it had answered. */
export class ReaderEnded extends Error {
  readonly stderr: string;

  constructor(stderr: string) {
    super('git cat-file ended.');
    this.stderr = stderr;
  }
}

type Question = PromiseWithResolvers<GitObject | undefined>;

interface Running {
  readonly child: ChildProcess;
  /** In the order of the questions, which git keeps. */
  readonly questions: Question[];
}

/**
 * Reads objects of a clone by one `git cat-file --batch`, which starts with the first question: a process for each takes
 * longer than the reading. It does not keep this process alive, and ends with it. What was added to the clone since it
 * started is found.
 *
 * @see https://git-scm.com/docs/git-cat-file#_batch_output
 */
export class ObjectReader {
  readonly #options: ReaderOptions;
  #running: Running | undefined;

  constructor(options: ReaderOptions) {
    this.#options = options;
  }

  /**
   * @param name such as a hash, or `refs/heads/main^{tree}`
   * @returns undefined if the clone does not have it
   * @throws ReaderEnded, or Node's error if git cannot be started
   */
  async read(name: string): Promise<GitObject | undefined> {
    if (/[\n\0]/.test(name)) throw new Error(`${JSON.stringify(name)} is no name of an object.`);
    const running = this.#running ?? this.#start();
    const question: Question = Promise.withResolvers();
    running.questions.push(question);
    hold(running);
    running.child.stdin?.write(`${name}\n`);
    return await question.promise;
  }

  /** Ends the process; the next question starts another. */
  close(): void {
    this.#running?.child.stdin?.end();
    this.#running = undefined;
  }

  #start(): Running {
    const { directory, environment, onStart } = this.#options;
    const child = spawn('git', ['cat-file', '--batch'], { cwd: directory, env: environment(), detached: true });
    const running: Running = { child, questions: [] };
    this.#running = running;
    onStart();
    let stderr = '';
    const end = (error: Error) => {
      if (this.#running === running) this.#running = undefined;
      for (const { reject } of running.questions.splice(0)) reject(error);
    };
    child.stderr.on('data', (bytes: Buffer) => {
      stderr = `${stderr}${bytes.toString('utf8')}`.slice(-10_000);
    });
    // The end of git says why its pipe broke.
    child.stdin.on('error', () => undefined);
    child.once('error', end);
    child.once('close', () => end(new ReaderEnded(stderr)));
    const answer = answersOf((found) => {
      running.questions.shift()?.resolve(found);
      hold(running);
    });
    child.stdout.on('data', answer);
    return running;
  }
}

/** Node waits for the process while it owes an answer, and not longer. */
function hold({ child, questions }: Running): void {
  const pipes = [child.stdin, child.stdout, child.stderr].filter((pipe) => pipe instanceof Socket);
  for (const handle of [child, ...pipes]) {
    if (questions.length > 0) handle.ref();
    else handle.unref();
  }
}

/** Takes the output in pieces, and calls back with each answer: `<hash> <type> <size>`, a line of its own, and the content. */
function answersOf(onAnswer: (found: GitObject | undefined) => void): (piece: Buffer) => void {
  let pieces: Buffer[] = [];
  let length = 0;
  let needed = 1;
  return (piece) => {
    pieces.push(piece);
    length += piece.length;
    while (length >= needed) {
      const all = pieces.length === 1 ? (pieces[0] ?? piece) : Buffer.concat(pieces);
      pieces = [all];
      const line = all.indexOf('\n');
      needed = line < 0 ? length + 1 : line + 1;
      if (line < 0) return;
      const [, object = '', type = '', size] = /^([0-9a-f]+) (\w+) (\d+)$/.exec(all.toString('utf8', 0, line)) ?? [];
      const end = line + 1 + Number(size ?? -1);
      needed = end + 1;
      if (length < needed) return;
      // A copy, as a part keeps the whole piece in memory.
      const content =
        size === undefined ? undefined : { object, type, bytes: Buffer.from(all.subarray(line + 1, end)) };
      pieces = [all.subarray(end + 1)];
      length -= end + 1;
      needed = 1;
      onAnswer(content);
    }
  };
}

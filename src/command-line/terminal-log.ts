import { stripVTControlCharacters, styleText } from 'node:util';
import { type ProgressLog, timePhase } from '../core/progress.ts';
import { Redaction, withoutCommands } from '../inputs/secrets/redaction.ts';

export interface TerminalLogOptions {
  /** Where progress is shown. */
  readonly stream: NodeJS.WritableStream;
  /** Where errors are shown. */
  readonly errors: NodeJS.WritableStream;
  /** Whether debug output is shown. */
  readonly isVerbose: boolean;
}

export type Style = 'bold' | 'dim' | 'green' | 'red' | 'yellow';

/**
 * The log at a terminal or in a pipe: a line when a phase begins, one with its outcome and seconds when it has ended, and
 * no secret. Phases within another, or side by side, are lines like all others. There is colour on a terminal, unless
 * NO_COLOR is set, and wherever FORCE_COLOR asks for it, as Node has it
 * (https://nodejs.org/api/util.html#utilstyletextformat-text-options).
 */
export class TerminalLog implements ProgressLog {
  readonly #options: TerminalLogOptions;
  readonly #redaction = new Redaction();
  #open = 0;
  #isFlat = false;

  constructor(options: TerminalLogOptions) {
    this.#options = options;
  }

  /** From now on no line is indented: those of several instances mix. */
  flatten(): void {
    this.#isFlat = true;
  }

  async phase<T>(title: string, work: () => Promise<T>): Promise<T> {
    this.#line(`▸ ${title}`, 'bold');
    this.#open += 1;
    return await timePhase(work, (isDone, seconds) => {
      this.#open -= 1;
      this.#line(`${isDone ? '✓' : '✗ failed:'} ${title}, ${seconds}`, isDone ? 'green' : 'red');
    });
  }

  info(line: string): void {
    this.#line(line);
  }

  warning(line: string): void {
    this.#line(`Warning: ${line}`, 'yellow');
  }

  debug(line: string): void {
    if (this.#options.isVerbose) this.#line(line, 'dim');
  }

  secret(value: string): void {
    this.#redaction.add(value);
  }

  /** Hides a secret of the caller, whatever its length. */
  secretAlways(value: string): void {
    this.#redaction.addAlways(value);
  }

  /** An error, where errors are shown. */
  error(text: string, style?: Style): void {
    write(this.#options.errors, this.shown(text), style);
  }

  /** The text with `***` for every secret. */
  redact(text: string): string {
    return this.#redaction.redact(text);
  }

  /** The text as a terminal may get it: what comes from a pod or a server must not move the cursor or change colours. */
  shown(text: string): string {
    const plain = stripVTControlCharacters(withoutCommands(this.redact(text)));
    return plain.replace(/\r\n?/g, '\n').replace(/[^\P{Cc}\n\t]/gu, '');
  }

  #line(text: string, style?: Style): void {
    const indent = this.#isFlat || this.#open === 0 ? '' : '  ';
    const indented = this.shown(text).replace(/^(?=.)/gm, indent);
    write(this.#options.stream, indented, style);
  }
}

/** Writes a line, in colour where the stream shows colours. */
export function write(stream: NodeJS.WritableStream, text: string, style?: Style): void {
  stream.write(`${style === undefined ? text : styleText(style, text, { stream })}\n`);
}

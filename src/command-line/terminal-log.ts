import { stripVTControlCharacters, styleText } from 'node:util';
import { type Describe, type ProgressLog, timePhase } from '../core/progress.ts';
import { Redaction, withoutCommands } from '../inputs/secrets/masks.ts';
import type { StatusLine } from './status-line.ts';

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
 * no secret. Phases within another, or side by side, are lines like all others. With a status line, what is said within a
 * phase is shown there, and stays only where the phase fails. There is colour on a terminal, unless
 * NO_COLOR is set, and wherever FORCE_COLOR asks for it, as Node has it
 * (https://nodejs.org/api/util.html#utilstyletextformat-text-options).
 */
export class TerminalLog implements ProgressLog {
  readonly #options: TerminalLogOptions;
  readonly #redaction = new Redaction();
  /** What the status line has shown of the open phase. */
  #passing: string[] = [];
  #status: StatusLine | undefined;
  #open = 0;
  #isFlat = false;

  constructor(options: TerminalLogOptions) {
    this.#options = options;
  }

  /** From now on no line is indented: those of several instances mix. */
  flatten(): void {
    this.#isFlat = true;
  }

  /** From now on progress is shown on the last line of the terminal, in place. */
  inPlace(status: StatusLine): void {
    this.#status = status;
  }

  async phase<T>(title: string, work: () => Promise<T>, describe?: Describe<T>): Promise<T> {
    const status = this.#status;
    const shown = this.shown(title);
    if (status === undefined) this.#line(`▸ ${title}`, 'bold');
    else status.begin(shown);
    this.#open += 1;
    return await timePhase({ title, work, describe }, (isDone, end) => {
      this.#open -= 1;
      status?.end(shown);
      const lines = this.#passing;
      if (this.#open === 0) this.#passing = [];
      if (status !== undefined && this.#isFlat) return;
      if (!isDone) for (const line of lines) this.#line(line.replace(/^(?=.)/gm, '  '));
      this.#line(`${isDone ? '✓' : '✗ failed:'} ${end}`, isDone ? 'green' : 'red');
    });
  }

  info(line: string): void {
    const status = this.#status;
    if (status === undefined || this.#open === 0) {
      this.#line(line);
      return;
    }
    if (!this.#isFlat) this.#passing.push(line);
    status.report(this.shown(line));
  }

  /** The end of the work for one of several instances: it stays, also where progress is shown in place. */
  taskEnd(line: string, style: Style): void {
    this.#line(line, style);
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
    this.#write(this.#options.errors, this.shown(text), style);
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
    this.#write(this.#options.stream, indented, style);
  }

  #write(stream: NodeJS.WritableStream, text: string, style?: Style): void {
    this.#status?.erase();
    write(stream, text, style);
    this.#status?.draw();
  }
}

/** Writes a line, in colour where the stream shows colours. */
export function write(stream: NodeJS.WritableStream, text: string, style?: Style): void {
  stream.write(`${style === undefined ? text : styleText(style, text, { stream })}\n`);
}

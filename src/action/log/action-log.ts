import { styleText } from 'node:util';
import * as core from '@actions/core';
import { type Describe, type ProgressLog, timePhase } from '../../core/progress.ts';
import { Redaction, withoutCommands } from '../../inputs/secrets/masks.ts';
import type { PlanLine } from '../../operations/describe-plan.ts';
import { type Closing, closingLines } from '../../operations/outcome/closing.ts';

/** Coloured text for GitHub's log. It shows colours although it is not a terminal. */
export function coloured(style: 'green' | 'yellow' | 'red' | 'dim' | 'bold', text: string): string {
  return styleText(style, text, { validateStream: false });
}

/** The line for the end of a phase. */
export function phaseEnd(isDone: boolean, line: string): string {
  return `${isDone ? coloured('green', '✓') : coloured('red', '✗ failed:')} ${line}`;
}

/**
 * The job log of GitHub Actions: a group for each phase, and no secret. Besides the runner's masks the log itself
 * replaces what it knows to be secret.
 */
export class ActionLog implements ProgressLog {
  readonly #redaction = new Redaction();
  #open = false;

  /**
   * A group that GitHub shows folded, and below it a line with its outcome and seconds. Groups do not nest: a phase
   * within another is a line of its group.
   */
  async phase<T>(title: string, work: () => Promise<T>, describe?: Describe<T>): Promise<T> {
    if (this.#open) {
      this.info(title);
      return await work();
    }
    core.startGroup(this.redact(title));
    this.#open = true;
    return await timePhase({ title, work, describe }, (isDone, line) => {
      this.closeGroup();
      this.info(phaseEnd(isDone, line));
    });
  }

  /** A group of lines that are there already, folded; no phase may be open. */
  folded(title: string, lines: readonly string[]): void {
    core.startGroup(this.redact(title));
    for (const line of lines) this.info(line);
    core.endGroup();
  }

  /** The last words about an instance, outside of all groups. What the operator must look at is an annotation too. */
  closing(closing: Closing): void {
    this.closeGroup();
    const { kind, headline } = closing;
    if (kind === 'attention') this.warning(headline);
    else this.info(coloured('green', `✓ ${headline}`));
    for (const line of closingLines(closing)) this.info(line);
  }

  /** A plan, outside of all groups. */
  plan(lines: readonly PlanLine[]): void {
    this.closeGroup();
    for (const { text, style } of lines) this.info(style === undefined ? text : coloured(style, text));
  }

  info(line: string): void {
    core.info(withoutCommands(this.redact(line)));
  }

  warning(line: string): void {
    core.warning(this.redact(line));
  }

  /** What a reader of the run's page should see, though nothing is wrong. */
  notice(line: string): void {
    core.notice(this.redact(line));
  }

  debug(line: string): void {
    core.debug(this.redact(line));
  }

  /** Masks a secret of the instance, in all its forms, unless it is too short to be masked. */
  secret(value: string): void {
    for (const form of this.#redaction.add(value)) core.setSecret(form);
  }

  /** Masks a secret of the caller, in all its forms, whatever its length. */
  maskAlways(value: string): void {
    for (const form of this.#redaction.addAlways(value)) core.setSecret(form);
  }

  /** The text with `***` for every secret that the log knows. */
  redact(text: string): string {
    return this.#redaction.redact(text);
  }

  /** Ends the group that is open, so that what follows is seen without unfolding it. */
  closeGroup(): void {
    if (this.#open) core.endGroup();
    this.#open = false;
  }
}

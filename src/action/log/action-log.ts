import { styleText } from 'node:util';
import * as core from '@actions/core';
import { type Describe, type ProgressLog, timePhase } from '../../core/progress.ts';
import { Redaction, withoutCommands } from '../../inputs/secrets/masks.ts';
import type { PlanLine } from '../../operations/describe-plan.ts';
import { type Closing, closingLines } from '../../operations/outcome/closing.ts';
import { causeKeys } from '../../operations/outcome/failure.ts';

/** Coloured text for GitHub's log. It shows colours although it is not a terminal. */
export function coloured(style: 'green' | 'yellow' | 'red' | 'dim' | 'bold', text: string): string {
  return styleText(style, text, { validateStream: false });
}

/** Characters of a message by which a cause is known again. */
const LONGEST_CAUSE = 300;

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
  readonly #heldBack: { readonly line: string; readonly cause: unknown }[] = [];
  readonly #causes: Set<string>;
  #open = false;

  /** @param causes what the annotations of the step before were about */
  constructor(causes: readonly string[] = []) {
    this.#causes = new Set(causes);
  }

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

  /**
   * An annotation. One that tells of an error waits for the end of the step: if an error of the same cause has an
   * annotation by then, it is a line of the log.
   */
  warning(line: string, cause?: unknown): void {
    if (cause === undefined) core.warning(this.redact(line));
    else if (this.knows(cause)) this.info(line);
    else this.#heldBack.push({ line, cause });
  }

  /** Remembers what an annotation was about. */
  annotated(cause: unknown): void {
    for (const key of this.#keysOf(cause)) this.#causes.add(key);
  }

  /** Whether an annotation was about the same. */
  knows(cause: unknown): boolean {
    return this.#keysOf(cause).some((key) => this.#causes.has(key));
  }

  /** Shows the warnings that waited, one annotation for each cause. @returns what the annotations of the step were about */
  endWarnings(): string[] {
    for (const { line, cause } of this.#heldBack.splice(0)) {
      if (this.knows(cause)) this.info(line);
      else core.warning(this.redact(line));
      this.annotated(cause);
    }
    return [...this.#causes];
  }

  /** What a reader of the run's page should see, though nothing is wrong. */
  notice(line: string): void {
    core.notice(this.redact(line));
  }

  #keysOf(cause: unknown): string[] {
    return causeKeys(cause).map((key) => this.redact(key).slice(0, LONGEST_CAUSE));
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

import { types } from 'node:util';
import * as core from '@actions/core';
import { type Failure, failuresOf, failureText, mergedFailures } from '../../operations/outcome/failure.ts';
import type { ActionLog } from '../log/action-log.ts';
import { Annotations } from '../log/annotations.ts';

/** Characters of an annotation; GitHub cuts longer ones (https://docs.github.com/rest/checks/runs). */
const LONGEST_ANNOTATION = 4_096;

export interface FailureOptions {
  /** What failed, where nothing more exact is known. */
  readonly title?: string | undefined;
  /** Before each title, such as the name of the instance. */
  readonly prefix?: string;
  /** Those of the whole step, where more failures may come; the caller ends them. */
  readonly annotations?: Annotations | undefined;
  /** Whether a cause that has an annotation already gets no other one. */
  readonly onlyNew?: boolean;
}

/**
 * Fails the step: shows what failed outside of the log's groups, with causes and remedy, one annotation for each cause,
 * which is its title. The stack is debug output.
 */
export function annotateFailure(
  thrown: unknown,
  log: ActionLog,
  { title = 'Provisioning failed', prefix = '', annotations, onlyNew = false }: FailureOptions = {},
): void {
  const shown = annotations ?? new Annotations(log);
  log.closeGroup();
  if (types.isNativeError(thrown)) log.debug(thrown.stack ?? '');
  const failures = mergedFailures(failuresOf(thrown));
  if (onlyNew && log.knows(thrown)) for (const failure of failures) log.info(failureText(failure));
  else for (const failure of failures) annotate(failure, log, `${prefix}${failure.title ?? title}`, shown);
  log.annotated(thrown);
  if (annotations === undefined) shown.end();
  process.exitCode = core.ExitCode.Failure;
}

function annotate(failure: Failure, log: ActionLog, title: string, annotations: Annotations): void {
  const text = log.redact(failureText(failure));
  const annotation =
    text.length <= LONGEST_ANNOTATION ? text : cut(log.redact(failureText({ ...failure, causes: [] })));
  if (annotation !== text) log.info(text);
  annotations.error(annotation, log.redact(title));
}

function cut(text: string): string {
  return text.length <= LONGEST_ANNOTATION ? text : `${text.slice(0, LONGEST_ANNOTATION - 1)}…`;
}

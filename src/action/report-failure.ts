import { types } from 'node:util';
import * as core from '@actions/core';
import { type Failure, failuresOf, failureText } from './failure.ts';
import type { ActionLog } from './log.ts';

/** Characters of an annotation; GitHub cuts longer ones (https://docs.github.com/rest/checks/runs). */
const LONGEST_ANNOTATION = 4_096;

/**
 * Fails the step: shows what failed outside of the log's groups, with causes and remedy, one annotation for each failure.
 * That of a workflow has its service and cause for a title. The stack is debug output.
 */
export function reportFailure(thrown: unknown, log: ActionLog, title = 'Provisioning failed'): void {
  log.closeGroup();
  if (types.isNativeError(thrown)) log.debug(thrown.stack ?? '');
  for (const failure of failuresOf(thrown)) annotate(failure, log, failure.diagnosis?.title ?? title);
  process.exitCode = core.ExitCode.Failure;
}

function annotate(failure: Failure, log: ActionLog, title: string): void {
  const text = log.redact(failureText(failure));
  const annotation =
    text.length <= LONGEST_ANNOTATION ? text : cut(log.redact(failureText({ ...failure, causes: [] })));
  if (annotation !== text) log.info(text);
  core.error(annotation, { title: log.redact(title) });
}

function cut(text: string): string {
  return text.length <= LONGEST_ANNOTATION ? text : `${text.slice(0, LONGEST_ANNOTATION - 1)}…`;
}

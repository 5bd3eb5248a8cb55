import { types } from 'node:util';
import * as core from '@actions/core';
import { failuresOf, failureText } from './failure.ts';
import type { ActionLog } from './log.ts';

/** Characters of an annotation; GitHub cuts longer ones (https://docs.github.com/rest/checks/runs). */
const LONGEST_ANNOTATION = 4_096;

/**
 * Fails the step: shows what failed outside of the log's groups, with causes and remedy, and as one annotation. Several
 * failures are each shown. The stack is debug output.
 */
export function reportFailure(thrown: unknown, log: ActionLog, title = 'Provisioning failed'): void {
  log.closeGroup();
  const failures = failuresOf(thrown);
  const text = log.redact(failures.map(failureText).join('\n\n'));
  const annotation =
    text.length <= LONGEST_ANNOTATION
      ? text
      : cut(log.redact(failures.map((failure) => failureText({ ...failure, causes: [] })).join('\n\n')));
  if (annotation !== text) log.info(text);
  if (types.isNativeError(thrown)) log.debug(thrown.stack ?? '');
  core.error(annotation, { title: log.redact(title) });
  process.exitCode = core.ExitCode.Failure;
}

function cut(text: string): string {
  return text.length <= LONGEST_ANNOTATION ? text : `${text.slice(0, LONGEST_ANNOTATION - 1)}…`;
}

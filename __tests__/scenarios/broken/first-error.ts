import type { StepResult } from '../../../sandbox/github-runner.ts';

/** What an operator must find in the first error of a run that failed. */
export interface Expected {
  readonly title: RegExp;
  readonly what: RegExp;
  readonly where: RegExp;
  readonly remedy: RegExp;
}

/** An annotation as GitHub shows it. */
export interface Annotation {
  readonly title: string;
  readonly text: string;
}

/** The annotations of a log, in order, with their escapes undone (actions/toolkit, packages/core/src/command.ts). */
export function annotations(log: string, level: 'error' | 'warning' = 'error'): Annotation[] {
  const pattern = new RegExp(`^::${level}(?: title=(.*?))?::(.*)$`, 'gm');
  return [...log.matchAll(pattern)].map(([, title = '', text = '']) => ({
    title: unescaped(title),
    text: unescaped(text),
  }));
}

/** The run failed, and its first error says what, where and what to do. With SHOW_ERRORS=1 it is printed. */
export function expectFirstError({ code, log }: StepResult, { title, what, where, remedy }: Expected): Annotation {
  const [first] = annotations(log);
  if (process.env.SHOW_ERRORS === '1') {
    process.stderr.write(`\n${expect.getState().currentTestName}\n  ${/^::error.*/m.exec(log)?.[0]}\n`);
  }
  expect(code).toBe(1);
  expect(first?.title).toMatch(title);
  const [message = '', advice = ''] = (first?.text ?? '').split('\nWhat to do: ');
  expect(message).toMatch(what);
  expect(message).toMatch(where);
  expect(advice).toMatch(remedy);
  return first ?? { title: '', text: '' };
}

function unescaped(text: string): string {
  return text
    .replaceAll('%0A', '\n')
    .replaceAll('%0D', '\r')
    .replaceAll('%3A', ':')
    .replaceAll('%2C', ',')
    .replaceAll('%25', '%');
}

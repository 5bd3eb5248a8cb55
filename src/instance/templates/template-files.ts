import { LaunchpadError } from '../../core/errors.ts';

/** Something that is wrong with a template: what, and the line of the template where that is known. */
export class TemplateProblem extends Error {
  readonly line: number | undefined;

  constructor(message: string, line?: number) {
    super(message);
    this.name = 'TemplateProblem';
    this.line = line;
  }
}

/** The files of a template directory. */
export interface TemplateFiles {
  /** What errors and the log call it: its path in the cluster repository, or its URL. */
  readonly name: string;
  /** Branch, tag or commit that it was asked for, where it has a repository of its own. */
  readonly version: string | undefined;
  /** By path in the directory. */
  readonly files: ReadonlyMap<string, Uint8Array>;
}

/** The error for a template: names it, its file and, where it is known, the line. */
export function templateError(template: TemplateFiles, what: string, remedy: string, cause?: unknown): LaunchpadError {
  return new LaunchpadError('template-invalid', `The template ${template.name} ${what}.`, { remedy, cause });
}

/** The error for a file of a template that cannot be rendered. */
export function renderError(file: string, problem: TemplateProblem): LaunchpadError {
  const place = problem.line === undefined ? '' : `line ${problem.line}: `;
  return new LaunchpadError('template-invalid', `${file} cannot be rendered: ${place}${problem.message}`, {
    remedy: 'Mend the template there.',
  });
}

/** The text of a file, or undefined where it is none: another encoding than UTF-8, or binary. */
export function textOfFile(bytes: Uint8Array): string | undefined {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    return text.includes('\0') ? undefined : text;
  } catch {
    return undefined;
  }
}

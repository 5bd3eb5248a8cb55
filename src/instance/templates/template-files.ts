import { LaunchpadError } from '../../core/errors.ts';

/** A mistake in a template, and its line where that is known. */
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
  /** For errors and the log: its path in the cluster repository, or its URL. */
  readonly name: string;
  /** Branch, tag or commit of a template in another repository. */
  readonly version: string | undefined;
  /** By path in the directory. */
  readonly files: ReadonlyMap<string, Uint8Array>;
}

/** The error for a template as a whole. */
export function templateError(template: TemplateFiles, what: string, remedy: string, cause?: unknown): LaunchpadError {
  return new LaunchpadError('template-invalid', `The template ${template.name} ${what}.`, { remedy, cause });
}

/**
 * Renders a file of a template.
 *
 * @param where what the message names before the problem, such as a variable
 * @throws LaunchpadError `template-invalid` with file and line, for a TemplateProblem
 */
export function renderFile<T>(file: string, render: () => T, where = ''): T {
  try {
    return render();
  } catch (error) {
    if (!(error instanceof TemplateProblem)) throw error;
    const place = where === '' && error.line !== undefined ? `line ${error.line}: ` : where;
    throw new LaunchpadError('template-invalid', `${file} cannot be rendered: ${place}${error.message}`, {
      remedy: 'Correct the template there.',
    });
  }
}

/** The text of a file; undefined for binary files and encodings other than UTF-8. */
export function textOfFile(bytes: Uint8Array): string | undefined {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    return text.includes('\0') ? undefined : text;
  } catch {
    return undefined;
  }
}

/** Something that is wrong with a template: what, and the line of the template where that is known. */
export class TemplateProblem extends Error {
  readonly line: number | undefined;

  constructor(message: string, line?: number) {
    super(message);
    this.name = 'TemplateProblem';
    this.line = line;
  }
}

import { LaunchpadError } from '../core/errors.ts';
import { Memo } from '../core/memo.ts';
import { instancePaths } from '../instance/name.ts';
import type { NewInstanceSource, TemplateSource } from '../instance/new/options.ts';
import type { TemplateFiles } from '../instance/templates/template-files.ts';
import type { BranchHead } from './branch-head.ts';
import { type FetchOptions, fetchTemplate } from './template-repository.ts';

interface TemplateSourceOptions extends FetchOptions {
  readonly instancesDirectory: string;
}

/** Reads the source of a new instance's files; a separate repository is fetched once in a run. */
export class TemplateSources {
  readonly #source: NewInstanceSource;
  readonly #options: TemplateSourceOptions;
  readonly #fetched = new Memo<TemplateFiles>();

  constructor(source: NewInstanceSource, options: TemplateSourceOptions) {
    this.#source = source;
    this.#options = options;
  }

  /**
   * @param head commit of the cluster repository that a directory or another instance is read from
   * @returns undefined for the action's own template
   * @throws LaunchpadError if it is missing, or cannot be read
   */
  async read(head: BranchHead): Promise<TemplateSource | undefined> {
    const source = this.#source;
    switch (source.kind) {
      case 'built-in':
        return undefined;
      case 'directory': {
        const files = await head.readTree(source.path, source.path);
        return { kind: 'template', template: { name: source.path, version: undefined, files } };
      }
      case 'git': {
        const template = await this.#fetched.get(source.url, () => fetchTemplate(source, this.#options));
        return { kind: 'template', template };
      }
      case 'instance':
        return await this.#instance(head, source.name);
    }
  }

  async #instance(head: BranchHead, name: string): Promise<TemplateSource> {
    const paths = instancePaths(this.#options, name);
    const [config, application] = await Promise.all([head.read(paths.config), head.read(paths.application)]);
    if (config !== undefined) return { kind: 'instance', name, config, application };
    throw new LaunchpadError('source-missing', `There is no ${paths.config} to create the instance from.`, {
      remedy: 'Set from-instance to the name of an instance that the cluster repository has.',
    });
  }
}

import type { OperatorValue } from '../config/config-values.ts';
import type { TemplateFiles } from '../templates/template-files.ts';

/** What the files of an instance that has none are made from, as the caller asks. */
export interface NewInstanceOptions {
  readonly source: NewInstanceSource;
  readonly values: NewInstanceValues;
  /** Keys of config.yml, as the caller sets them. */
  readonly config: ReadonlyMap<string, OperatorValue>;
}

/** Where they come from: the action's own template, another one, or another instance. */
export type NewInstanceSource =
  | { readonly kind: 'built-in' }
  /** A directory of the cluster repository. */
  | { readonly kind: 'directory'; readonly path: string }
  | {
      readonly kind: 'git';
      readonly url: string;
      /** Branch, tag or commit; undefined: the default branch. */
      readonly version: string | undefined;
      readonly directory: string | undefined;
    }
  | { readonly kind: 'instance'; readonly name: string };

/** What a new instance is asked to be; undefined: as the template has it. */
export interface NewInstanceValues {
  readonly platformName: string | undefined;
  readonly edxPlatformRepository: string | undefined;
  readonly edxPlatformVersion: string | undefined;
  readonly tutorVersion: string | undefined;
}

/** The files that a source came to. */
export type TemplateSource =
  | { readonly kind: 'template'; readonly template: TemplateFiles }
  | {
      readonly kind: 'instance';
      readonly name: string;
      readonly config: Uint8Array;
      readonly application: Uint8Array | undefined;
    };

/** The action's own template, and nothing set. */
export const PLAIN_NEW_INSTANCE: NewInstanceOptions = {
  source: { kind: 'built-in' },
  values: {
    platformName: undefined,
    edxPlatformRepository: undefined,
    edxPlatformVersion: undefined,
    tutorVersion: undefined,
  },
  config: new Map(),
};

/** The keys of config.yml that stand for the values that are set. */
export function keysOfValues(values: NewInstanceValues): Map<string, string> {
  const keys = [
    ['PLATFORM_NAME', values.platformName],
    ['EDX_PLATFORM_REPOSITORY', values.edxPlatformRepository],
    ['EDX_PLATFORM_VERSION', values.edxPlatformVersion],
    ['TUTOR_VERSION', values.tutorVersion],
  ] as const;
  return new Map(keys.flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])));
}

import type { OperatorValue } from '../config/config-values.ts';
import type { TemplateFiles } from '../templates/template-files.ts';

/** How to create the files of a new instance. */
export interface NewInstanceOptions {
  readonly source: NewInstanceSource;
  readonly values: NewInstanceValues;
  /** Keys of config.yml that the caller sets. */
  readonly config: ReadonlyMap<string, OperatorValue>;
}

/** The source of the files: the action's own template, another template, or another instance. */
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

/** Values for a new instance; undefined: the template's. */
export interface NewInstanceValues {
  readonly platformName: string | undefined;
  readonly edxPlatformRepository: string | undefined;
  readonly edxPlatformVersion: string | undefined;
  readonly tutorVersion: string | undefined;
}

/** The files of a source. */
export type TemplateSource =
  | { readonly kind: 'template'; readonly template: TemplateFiles }
  | {
      readonly kind: 'instance';
      readonly name: string;
      readonly config: Uint8Array;
      readonly application: Uint8Array | undefined;
    };

/** The action's own template, without values. */
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

/** The values that are set, by their keys in config.yml. */
export function keysOfValues(values: NewInstanceValues): Map<string, string> {
  const keys = [
    ['PLATFORM_NAME', values.platformName],
    ['EDX_PLATFORM_REPOSITORY', values.edxPlatformRepository],
    ['EDX_PLATFORM_VERSION', values.edxPlatformVersion],
    ['TUTOR_VERSION', values.tutorVersion],
  ] as const;
  return new Map(keys.flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])));
}

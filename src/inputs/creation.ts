import type { OperatorValue } from '../instance/config/config-file.ts';
import { parseOperatorKeys } from '../instance/config/operator-keys.ts';
import { parseInstanceName } from '../instance/name.ts';
import type { Creation, CreationSource } from '../instance/new/creation.ts';
import { optionalValue } from './input.ts';
import { INPUTS } from './inputs.ts';
import { type Lookup, variableOf } from './lookup.ts';
import { SettingsInvalid } from './problems.ts';
import { isFullCommit, isGitUrl } from './values/git-values.ts';

/**
 * What the files of a new instance are made from, as the workflow asks.
 *
 * @throws SettingsInvalid with everything that is wrong, or LaunchpadError `config-invalid` for input `config`
 */
export function readCreation(lookup: Lookup): Creation {
  return {
    source: creationSource(lookup),
    values: {
      platformName: optionalValue(INPUTS.platformName, lookup),
      edxPlatformRepository: optionalValue(INPUTS.edxPlatformRepository, lookup),
      edxPlatformVersion: optionalValue(INPUTS.edxPlatformVersion, lookup),
      tutorVersion: optionalValue(INPUTS.tutorVersion, lookup),
    },
    config: operatorKeys(lookup),
  };
}

function operatorKeys(lookup: Lookup): ReadonlyMap<string, OperatorValue> {
  const text = optionalValue(INPUTS.config, lookup);
  return text === undefined ? new Map() : parseOperatorKeys(text);
}

function creationSource(lookup: Lookup): CreationSource {
  const template = optionalValue(INPUTS.template, lookup);
  const version = optionalValue(INPUTS.templateVersion, lookup);
  const directory = optionalValue(INPUTS.templateDirectory, lookup);
  const from = optionalValue(INPUTS.fromInstance, lookup);
  const isUrl = template !== undefined && isGitUrl(template);
  const problems = [
    ...(from !== undefined && template !== undefined
      ? ['from-instance and template are both set: a new instance is made from one of them.']
      : []),
    ...(version !== undefined && !isUrl ? ['template-version is for a template with a URL only.'] : []),
    ...(directory !== undefined && template === undefined
      ? ['template-directory is set, but template, which it is a directory of, is not.']
      : []),
    ...(isUrl ? pinningProblems(lookup, version) : []),
  ];
  if (problems.length > 0) throw new SettingsInvalid(problems);
  if (from !== undefined) return { kind: 'instance', name: sourceName(from) };
  if (template === undefined) return { kind: 'built-in' };
  if (isUrl) return { kind: 'git', url: template, version, directory };
  return { kind: 'directory', path: directory === undefined ? template : `${template}/${directory}` };
}

/** Whoever opens a pull request could else run what a branch of another repository holds by then. */
function pinningProblems(lookup: Lookup, version: string | undefined): string[] {
  const isPullRequest = variableOf(lookup, 'GITHUB_EVENT_NAME')?.startsWith('pull_request') === true;
  if (!isPullRequest || (version !== undefined && isFullCommit(version))) return [];
  return [
    'template-version must be a full commit SHA (40 hex digits) on pull_request, so that the template cannot change ' +
      'after it was looked at.',
  ];
}

function sourceName(from: string): string {
  return parseInstanceName(from, INPUTS.fromInstance.input);
}

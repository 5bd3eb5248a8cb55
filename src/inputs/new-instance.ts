import type { OperatorValue } from '../instance/config/config-values.ts';
import { parseOperatorKeys } from '../instance/config/operator-keys.ts';
import { parseInstanceName } from '../instance/name.ts';
import type { NewInstanceOptions, NewInstanceSource } from '../instance/new/options.ts';
import { optionalValue } from './input.ts';
import { type InputSource, variableOf } from './input-source.ts';
import { INPUTS } from './inputs.ts';
import { SettingsInvalid } from './problems.ts';
import { isFullCommit, isGitUrl } from './values/git-values.ts';

/**
 * What the files of a new instance are made from, as the workflow asks.
 *
 * @throws SettingsInvalid with everything that is wrong, or LaunchpadError `config-invalid` for input `config`
 */
export function readNewInstanceOptions(inputSource: InputSource): NewInstanceOptions {
  return {
    source: newInstanceSource(inputSource),
    values: {
      platformName: optionalValue(INPUTS.platformName, inputSource),
      edxPlatformRepository: optionalValue(INPUTS.edxPlatformRepository, inputSource),
      edxPlatformVersion: optionalValue(INPUTS.edxPlatformVersion, inputSource),
      tutorVersion: optionalValue(INPUTS.tutorVersion, inputSource),
    },
    config: operatorKeys(inputSource),
  };
}

function operatorKeys(inputSource: InputSource): ReadonlyMap<string, OperatorValue> {
  const text = optionalValue(INPUTS.config, inputSource);
  return text === undefined ? new Map() : parseOperatorKeys(text);
}

function newInstanceSource(inputSource: InputSource): NewInstanceSource {
  const template = optionalValue(INPUTS.template, inputSource);
  const version = optionalValue(INPUTS.templateVersion, inputSource);
  const directory = optionalValue(INPUTS.templateDirectory, inputSource);
  const from = optionalValue(INPUTS.fromInstance, inputSource);
  const isUrl = template !== undefined && isGitUrl(template);
  const problems = [
    ...(from !== undefined && template !== undefined
      ? ['from-instance and template are both set: a new instance is made from one of them.']
      : []),
    ...(version !== undefined && !isUrl ? ['template-version is for a template with a URL only.'] : []),
    ...(directory !== undefined && template === undefined
      ? ['template-directory is set, but template, which it is a directory of, is not.']
      : []),
    ...(isUrl ? pinningProblems(inputSource, version) : []),
  ];
  if (problems.length > 0) throw new SettingsInvalid(problems);
  if (from !== undefined) return { kind: 'instance', name: sourceName(from) };
  if (template === undefined) return { kind: 'built-in' };
  if (isUrl) return { kind: 'git', url: template, version, directory };
  return { kind: 'directory', path: directory === undefined ? template : `${template}/${directory}` };
}

/** Whoever opens a pull request could else run what a branch of another repository holds by then. */
function pinningProblems(inputSource: InputSource, version: string | undefined): string[] {
  const isPullRequest = variableOf(inputSource, 'GITHUB_EVENT_NAME')?.startsWith('pull_request') === true;
  if (!isPullRequest || (version !== undefined && isFullCommit(version))) return [];
  return [
    'template-version must be a full commit SHA (40 hex digits) on pull_request, so that the template cannot change ' +
      'after it was looked at.',
  ];
}

function sourceName(from: string): string {
  return parseInstanceName(from, INPUTS.fromInstance.input);
}

import type { OperatorValue } from '../instance/config/config-values.ts';
import { parseOperatorKeys } from '../instance/config/operator-keys.ts';
import { parseInstanceName } from '../instance/name.ts';
import type { NewInstanceOptions, NewInstanceSource } from '../instance/new/options.ts';
import { type InputSource, variableOf } from './input-source.ts';
import { INPUTS, type InputsReading } from './inputs.ts';
import { SettingsInvalid } from './problems.ts';
import { isFullCommit, isGitUrl } from './values/git-values.ts';

/**
 * What the files of a new instance are made from. Values that are wrong by themselves are in `inputs.problems`.
 *
 * @throws SettingsInvalid with the inputs that contradict each other, LaunchpadError `config-invalid` for input `config`
 */
export function readNewInstanceOptions(inputs: InputsReading, inputSource: InputSource): NewInstanceOptions {
  const { platformName, edxPlatformRepository, edxPlatformVersion, tutorVersion, config } = inputs.values;
  return {
    source: newInstanceSource(inputs, inputSource),
    values: { platformName, edxPlatformRepository, edxPlatformVersion, tutorVersion },
    config: config === undefined ? new Map<string, OperatorValue>() : parseOperatorKeys(config),
  };
}

function newInstanceSource(inputs: InputsReading, inputSource: InputSource): NewInstanceSource {
  const { template, templateVersion: version, templateDirectory: directory, fromInstance: from } = inputs.values;
  const isTemplateGiven = inputs.isGiven(INPUTS.template);
  const isUrl = template !== undefined && isGitUrl(template);
  // A wrong template may have been meant as a URL.
  const isNoUrl = inputs.problemOf(INPUTS.template) === undefined && !isUrl;
  const isVersionWrong = inputs.problemOf(INPUTS.templateVersion) !== undefined;
  const problems = [
    ...(from !== undefined && isTemplateGiven
      ? ['from-instance and template are both set: a new instance is made from one of them.']
      : []),
    ...(version !== undefined && isNoUrl ? ['template-version is for a template with a URL only.'] : []),
    ...(directory !== undefined && !isTemplateGiven
      ? ['template-directory is set, but template, which it is a directory of, is not.']
      : []),
    ...(isUrl && !isVersionWrong ? pinningProblems(inputSource, version) : []),
  ];
  if (problems.length > 0) throw new SettingsInvalid(problems);
  if (from !== undefined) return { kind: 'instance', name: parseInstanceName(from, INPUTS.fromInstance.input) };
  if (template === undefined) return { kind: 'built-in' };
  if (isUrl) return { kind: 'git', url: template, version, directory };
  return { kind: 'directory', path: directory === undefined ? template : `${template}/${directory}` };
}

/** A branch or tag of another repository can change after the pull request was reviewed. */
function pinningProblems(inputSource: InputSource, version: string | undefined): string[] {
  const isPullRequest = variableOf(inputSource, 'GITHUB_EVENT_NAME')?.startsWith('pull_request') === true;
  if (!isPullRequest || (version !== undefined && isFullCommit(version))) return [];
  return [
    'template-version must be a full commit SHA (40 hex digits) on pull_request, so that the template cannot change ' +
      'after it was looked at.',
  ];
}

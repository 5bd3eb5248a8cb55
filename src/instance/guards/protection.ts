import { LaunchpadError } from '../../core/errors.ts';
import { ConfigFile } from '../config/config-file.ts';

const KEY = 'LAUNCHPAD_PROTECTED';

/**
 * Requires that an instance may be deprovisioned: its config.yml on the branch that is in use does not protect it.
 *
 * @param bytes undefined where that branch has no such file
 * @throws LaunchpadError `instance-protected`; `config-invalid` for a value that is neither true nor false
 */
export function requireUnprotected(bytes: Uint8Array | undefined, path: string, instance: string): void {
  if (bytes === undefined || ConfigFile.parse(bytes, path).flag(KEY) !== true) return;
  throw new LaunchpadError('instance-protected', `Instance ${instance} is protected: ${path} has ${KEY}: true.`, {
    remedy: `Nothing was deleted. To delete ${instance} and all its data, remove ${KEY} from ${path}, commit that, and run again.`,
  });
}

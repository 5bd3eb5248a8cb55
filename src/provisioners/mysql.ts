import { runMysql } from './mysql/operations.ts';
import { podOf } from './pod.ts';
import { runProvisioner, writeLine } from './report.ts';

const { env } = process;
process.exitCode = await runProvisioner(() => runMysql(env, podOf(env, writeLine)), writeLine);

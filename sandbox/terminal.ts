import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';

/** A command that an operator types at a terminal of their own, or in a script. */
export interface TerminalCommand {
  /** The program and its arguments. */
  readonly command: readonly [program: string, ...args: string[]];
  readonly directory: string;
  /** The operator's environment: nothing of this process's is added. */
  readonly environment: Readonly<Record<string, string>>;
}

export interface CommandResult {
  /** Null if a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunningCommand {
  signal(name: NodeJS.Signals): void;
  /** What it has written so far, to both streams. */
  text(): string;
  readonly done: Promise<CommandResult>;
}

/** A command that believes it is at a terminal, and the operator's keyboard. */
export interface CommandAtTerminal extends RunningCommand {
  type(text: string): void;
}

/** A pseudo-terminal by util-linux's `script`, which Linux systems have. The streams are one, as on a screen. */
export function startAtTerminal({ command, directory, environment }: TerminalCommand): CommandAtTerminal {
  const line = command.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' ');
  const env = { ...environment, TERM: 'xterm', SHELL: '/bin/sh' };
  const child = spawn('script', ['-qefc', line, '/dev/null'], { cwd: directory, env, stdio: ['pipe', 'pipe', 'pipe'] });
  // Keys that are pressed after the command has ended.
  child.stdin.on('error', () => undefined);
  return { ...followed(child), type: (text) => void child.stdin.write(text) };
}

/** Starts the command with pipes in place of a terminal. */
export function startCommand({ command, directory, environment }: TerminalCommand): RunningCommand {
  const [program, ...args] = command;
  return followed(spawn(program, args, { cwd: directory, env: environment, stdio: ['ignore', 'pipe', 'pipe'] }));
}

function followed(child: ChildProcessByStdio<Writable | null, Readable, Readable>): RunningCommand {
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    stdout += chunk;
  });
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    stderr += chunk;
  });
  const done = new Promise<CommandResult>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, stdout, stderr }));
  });
  return {
    done,
    text: () => stdout + stderr,
    signal: (name) => {
      child.kill(name);
    },
  };
}

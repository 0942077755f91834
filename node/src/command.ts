#!/usr/bin/env node
/**
 * `npx agglestone`: runs the command `agglestone`, which is a package of its own.
 */
import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { constants as system } from 'node:os';
import path from 'node:path';

import { broughtBy } from './programs.js';

const FILE = process.platform === 'win32' ? 'agglestone.exe' : 'agglestone';
/** What shells answer to a command that is not there. */
const NOT_FOUND = 127;
const MISSING = 'agglestone: the command is not installed: npm install --save-dev agglestone-cli';

/** The command on the path. npm puts this file into folders `.bin` by the same name. */
function onPath(): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(path.delimiter).filter((folder) => folder !== '' && path.basename(folder) !== '.bin');
  return folders.map((folder) => path.join(folder, FILE)).find(isProgram);
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

const command = broughtBy('agglestone-cli') ?? onPath();
if (command === undefined) {
  console.error(MISSING);
  process.exitCode = NOT_FOUND;
} else {
  const child = spawn(command, process.argv.slice(2), { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => {
    console.error(String(error));
    process.exitCode = 1;
  });
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? 128 + (signal === null ? 0 : system.signals[signal]);
  });
}

#!/usr/bin/env node
import 'reflect-metadata';
import { hostname } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { HiddenInput } from '../cli/hidden-input';
import { openBrowser } from './login/open-browser';
import { run } from './run';

const interruption = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => interruption.abort());

void run(process.argv.slice(2), {
  environment: process.env,
  stdout: (content) => process.stdout.write(content),
  stderr: (text) => process.stderr.write(text),
  isWatched: process.stderr.isTTY,
  terminal: HiddenInput.ofProcess(),
  openBrowser,
  wait: (milliseconds, signal) => delay(milliseconds, undefined, { signal }),
  signal: interruption.signal,
  hostName: hostname(),
  systemFile: '/etc/ovpn-config/config.yaml',
}).then((status) => {
  process.exitCode = status;
});

import type { Command } from 'commander';

export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

/** One command: the words that lead to it, and what may follow. */
interface Node {
  readonly words: readonly string[];
  readonly next: readonly string[];
  readonly options: readonly string[];
  readonly description: string;
}

/** The completion script of a shell, made from the commands that there are. */
export function completionScript(program: Command, shell: Shell): string {
  const nodes = nodesOf(program, []);
  switch (shell) {
    case 'bash':
      return bash(nodes);
    case 'zsh':
      return zsh(nodes);
    case 'fish':
      return fish(nodes);
  }
}

/** Deepest first, so that the first which matches is the most exact. */
function nodesOf(command: Command, words: readonly string[]): Node[] {
  const deeper = command.commands.flatMap((child) => nodesOf(child, [...words, child.name()]));
  const choices = command.registeredArguments.flatMap(({ argChoices }) => argChoices ?? []);
  const node = {
    words,
    next: [...command.commands.map((child) => child.name()), ...choices],
    options: [...command.options.flatMap(({ long }) => (typeof long === 'string' ? [long] : [])), '--help'],
    description: command.description(),
  };
  return [...deeper, node];
}

const following = ({ next, options }: Node): string => [...next, ...options].join(' ');
const pattern = ({ words }: Node): string => (words.length === 0 ? '*' : `" ${words.join(' ')}"*`);

function bash(nodes: readonly Node[]): string {
  const cases = nodes.map((node) => `    ${pattern(node)}) words="${following(node)}" ;;`);
  return `# ovpn-config completion bash > /etc/bash_completion.d/ovpn-config
_ovpn_config() {
  local word said="" words=""
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    [[ $word == -* ]] || said="$said $word"
  done
  case "$said" in
${cases.join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _ovpn_config ovpn-config
`;
}

function zsh(nodes: readonly Node[]): string {
  const cases = nodes.map(
    (node) => `    ${pattern(node)}) compadd -- ${following(node)}; [[ $PREFIX == -* ]] || _files ;;`,
  );
  return `#compdef ovpn-config
# ovpn-config completion zsh > /usr/local/share/zsh/site-functions/_ovpn-config
_ovpn-config() {
  local word said=""
  for word in \${words[2,CURRENT-1]}; do
    [[ $word == -* ]] || said="$said $word"
  done
  case "$said" in
${cases.join('\n')}
  esac
}
_ovpn-config "$@"
`;
}

function fish(nodes: readonly Node[]): string {
  const lines = nodes.flatMap((node) => {
    const last = node.words.at(-1);
    const seen = last === undefined ? '__fish_use_subcommand' : `__fish_seen_subcommand_from ${last}`;
    const isOpen =
      node.next.length === 0 ? seen : `${seen}; and not __fish_seen_subcommand_from ${node.next.join(' ')}`;
    return [
      ...node.next.map((word) => `complete -c ovpn-config -n "${isOpen}" -f -a ${word}`),
      ...node.options.map((option) => `complete -c ovpn-config -n "${seen}" -l ${option.slice(2)}`),
    ];
  });
  return `# ovpn-config completion fish > ~/.config/fish/completions/ovpn-config.fish\n${lines.join('\n')}\n`;
}

/** Scripts that complete commands, options and the choices of both; made of the tables that parse them. */
import { COMMANDS, type CommandSpec, OPTIONS, type OptionName, type SHELLS } from './command-table.ts';

type Shell = (typeof SHELLS)[number];

export function completionOf(shell: Shell): string {
  return { bash, zsh, fish }[shell]();
}

function bash(): string {
  const cases = COMMANDS.map(
    ({ name, options, choices = [] }) => `    ${name}) words="${[...choices, ...options.map((one) => `--${one}`)].join(' ')}" ;;`,
  );
  const values = valueCases(
    (name, words) => `    --${name}) COMPREPLY=($(compgen -W "${words.join(' ')}" -- "$current")); return ;;`,
  );
  return `# yardarm completion bash > /etc/bash_completion.d/yardarm
_yardarm() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}" words
  case "$previous" in
${values.join('\n')}
    ${fileOptions()
      .map((name) => `--${name}`)
      .join('|')}) COMPREPLY=($(compgen -f -- "$current")); return ;;
  esac
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W "${COMMANDS.map(({ name }) => name).join(' ')} --help" -- "$current"))
    return
  fi
  case "\${COMP_WORDS[1]}" in
${cases.join('\n')}
    *) words="--help" ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -F _yardarm yardarm
`;
}

function zsh(): string {
  const quote = (text: string) =>
    text.replaceAll("'", "'\\''").replaceAll(':', '\\:').replaceAll('[', '\\[').replaceAll(']', '\\]');
  const commands = COMMANDS.map(({ name, summary }) => `    '${name}:${quote(summary)}'`);
  const argument = (name: OptionName) => {
    const choices = choicesOf(name);
    const action = choices.length > 0 ? `(${choices.join(' ')})` : fileOptions().includes(name) ? '_files' : ' ';
    const value = 'value' in OPTIONS[name] ? `:${name}:${action}` : '';
    return `'--${name}[${quote(OPTIONS[name].help)}]${value}'`;
  };
  const operand = ({ choices }: CommandSpec) =>
    choices === undefined ? `'*:operand:_files'` : `'*:operand:(${choices.join(' ')})'`;
  const cases = COMMANDS.map(
    (command) =>
      `    ${command.name})\n      _arguments ${[...command.options.map(argument), operand(command)].join(' \\\n        ')} ;;`,
  );
  return `#compdef yardarm
# yardarm completion zsh > "\${fpath[1]}/_yardarm"
_yardarm() {
  local -a commands
  commands=(
${commands.join('\n')}
  )
  if (( CURRENT == 2 )); then
    _describe 'command' commands
    return
  fi
  local command="\${words[2]}"
  shift words
  (( CURRENT-- ))
  case "$command" in
${cases.join('\n')}
  esac
}
compdef _yardarm yardarm
`;
}

function fish(): string {
  const quote = (text: string) => text.replaceAll('\\', '\\\\').replaceAll("'", "\\'");
  const none = `not __fish_seen_subcommand_from ${COMMANDS.map(({ name }) => name).join(' ')}`;
  const lines = COMMANDS.flatMap(({ name, summary, options, choices = [] }) => {
    const seen = `-n '__fish_seen_subcommand_from ${name}'`;
    return [
      `complete -c yardarm -f -n '${none}' -a ${name} -d '${quote(summary)}'`,
      ...choices.map((choice) => `complete -c yardarm ${seen} -f -a ${choice}`),
      ...options.map((option) => {
        const values = choicesOf(option);
        const takes = !('value' in OPTIONS[option])
          ? ''
          : values.length > 0
            ? ` -x -a '${values.join(' ')}'`
            : fileOptions().includes(option)
              ? ' -r'
              : ' -x';
        return `complete -c yardarm ${seen} -l ${option}${takes} -d '${quote(OPTIONS[option].help)}'`;
      }),
    ];
  });
  return ['# yardarm completion fish > ~/.config/fish/completions/yardarm.fish', ...lines, ''].join('\n');
}

function valueCases(render: (name: OptionName, words: readonly string[]) => string): string[] {
  return optionNames().flatMap((name) => {
    const choices = choicesOf(name);
    return choices.length === 0 ? [] : [render(name, choices)];
  });
}

function choicesOf(name: OptionName): readonly string[] {
  const option = OPTIONS[name];
  return 'choices' in option ? option.choices : [];
}

function fileOptions(): OptionName[] {
  return optionNames().filter((name) => {
    const option = OPTIONS[name];
    return 'value' in option && /^(?:FILE|DIR)$/.test(option.value);
  });
}

function optionNames(): OptionName[] {
  return [...new Set(COMMANDS.flatMap(({ options }) => options))].sort();
}

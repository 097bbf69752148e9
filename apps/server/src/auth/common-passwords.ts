/**
 * Passwords of twelve characters and more that everybody tries first: words and phrases of leaked lists, and what
 * consists of repetition or of a walk along the keyboard. Not a rule about kinds of characters.
 */

const COMMON = new Set(
  `administrator administrador password1234 password12345 password123456 passwordpassword mypassword123 mypassword1234
  thisismypassword changemeplease changeme1234 changeme12345 changemechangeme letmeinletmein letmein12345 letmein123456
  welcome12345 welcome123456 welcomewelcome welcometotheteam iloveyou1234 iloveyou12345 iloveyouforever iloveyousomuch
  trustno1trustno1 qwerty123456 qwerty1234567 qwertyqwerty qwerty12345678 1q2w3e4r5t6y 1q2w3e4r5t6y7u 1qaz2wsx3edc 1qaz2wsx3edc4rfv
  zaq12wsxcde3 q1w2e3r4t5y6 abcd12345678 abc123456789 a123456789012 a1b2c3d4e5f6 123456789abc 123qweasdzxc qweasdzxc123 asdfghjkl123
  correcthorsebatterystaple correct horse battery staple monkeymonkey dragondragon footballfootball baseballbaseball
  superman1234 superman12345 batman123456 starwars1234 pokemon12345 princess1234 princess12345 sunshine1234 sunshine12345
  shadow123456 master123456 michael12345 jordan23jordan liverpool123 manchesterunited chelseafootball arsenalarsenal
  p@ssw0rd1234 p@ssw0rd12345 p@ssword1234 passw0rd1234 passw0rd12345 pa$$word1234 pa55word1234 password!123 password@123 password@1234
  admin1234567 admin12345678 admin123456789 adminadmin12 adminadminadmin root12345678 rootrootroot testtesttest test12345678 test1234test
  secret123456 secretsecret secretpassword supersecret1 supersecret12 supersecret123 topsecret123 default12345 defaultpassword
  temporary123 temppassword temppassword1 companyname1 company12345 summer202412 winter202412 spring202412 autumn202412
  whatever1234 computer1234 internet1234 facebook1234 google123456 linkedin1234 microsoft123 chocolate123 butterfly123
  basketball12 football1234 basketball123 nothing12345 hello1234567 hello12345678 hellohello12 helloworld123 helloworld1234
  feature-flags featureflags1 yardarmyardarm yardarm12345 yardarm123456 yardarmadmin`
    .split(/\s+/)
    .filter((word) => word !== ''),
);
const WALKS = [
  'abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz',
  '01234567890123456789012345678901234567890',
  '12345678901234567890',
  'qwertyuiopasdfghjklzxcvbnm',
  'qwertzuiopasdfghjklyxcvbnm',
  'azertyuiopqsdfghjklmwxcvbn',
  'qazwsxedcrfvtgbyhnujmikolp',
];
const LONGEST_UNIT = 6;

/** `name`: of the account, which is no secret. */
export function isCommonPassword(password: string, name: string): boolean {
  const text = password.toLowerCase();
  if (COMMON.has(text) || COMMON.has(text.replace(/[\s._-]/g, ''))) return true;
  if (isRepetition(text)) return true;
  if (WALKS.some((walk) => walk.includes(text) || [...walk].reverse().join('').includes(text))) return true;
  const withoutName = name === '' ? text : text.replaceAll(name.toLowerCase(), '');
  return withoutName !== text && withoutName.length < LONGEST_UNIT;
}

/** One short unit over and over, the last perhaps cut short: `abcabcabcabc`, `111111111111`. */
function isRepetition(text: string): boolean {
  for (let unit = 1; unit <= LONGEST_UNIT; unit++)
    if (
      text
        .slice(0, unit)
        .repeat(Math.ceil(text.length / unit))
        .startsWith(text)
    )
      return true;
  return false;
}

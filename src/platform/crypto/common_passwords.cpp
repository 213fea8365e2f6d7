#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>

#include "core/text.hpp"
#include "platform/crypto/password_policy.hpp"

namespace sentinel::crypto {

namespace {

// clang-format off: one word a line would be six pages
/// What guessers try first, in lower case and sorted: words, names, rows of keys and digits.
constexpr auto common_passwords = std::to_array<std::string_view>({
    "000000000000", "0987654321", "111111111111", "112233", "11223344", "1122334455", "121212", "123123", "123123123", "123321",
    "123456", "1234567", "12345678", "123456789", "1234567890", "123456789012", "1234567890123", "12345678910", "123654",
    "13579", "135792468", "147258369", "159753", "1a2b3c4d", "1q2w3e4r", "1qaz2wsx", "222222222222", "246810", "31415926",
    "314159265359", "654321", "666666666666", "777777777777", "789456123", "888888888888", "987654321", "9876543210",
    "999999999999", "a1b2c3d4", "aaaa", "abc123", "abcabc", "abcd", "abcdabcd", "abcde", "abcdef", "abcdefg", "abcdefgh",
    "access", "accessgranted", "account", "accounts", "admin", "admin123", "adminadmin", "administrateur", "administrator",
    "adminpass", "adminpassword", "admins", "africa", "agent", "alexander", "amanda", "amazon", "america", "american", "amor",
    "andrew", "android", "angel", "angels", "anthony", "anything", "apple", "april", "arsenal", "asdasd", "asdf", "asdfasdf",
    "asdfgh", "asdfghjkl", "ashley", "asshole", "august", "australia", "autumn", "avengers", "azerty", "azertyuiop", "baby",
    "babygirl", "bailey", "banana", "bank", "banking", "barcelona", "baseball", "basketball", "batman", "bayern", "bear",
    "bears", "beatles", "beer", "benjamin", "benvenuto", "berlin", "bienvenido", "birthday", "bitch", "black", "blessed",
    "blessing", "blink", "blue", "bond", "bonjour", "boss", "boston", "brasil", "brazil", "brother", "bubbles", "bullshit",
    "business", "buster", "butterfly", "california", "camaro", "canada", "captain", "cargo", "champion", "champions", "change",
    "changeit", "changeme", "changemenow", "changethis", "charlie", "cheese", "chelsea", "cherry", "chevrolet", "chicago",
    "chicken", "china", "chocolate", "christ", "christian", "christmas", "ciao", "cisco", "cocacola", "coffee", "company",
    "computer", "computer1", "contrasena", "cookie", "cookies", "corporate", "correcthorsebatterystaple", "corvette", "cowboys",
    "cracker", "cricket", "crystal", "daddy", "dallas", "daniel", "database", "debian", "december", "default",
    "defaultpassword", "demo", "demouser", "desktop", "destiny", "diamond", "docker", "doggy", "dollar", "dollars", "dolphin",
    "donald", "doudou", "dragon", "dragons", "eagle", "eagles", "easter", "elizabeth", "eminem", "employee", "england",
    "enterprise", "europe", "evening", "everything", "excel", "facebook", "faith", "falcon", "family", "father", "february",
    "ferrari", "finance", "firewall", "fleet", "florida", "flower", "flowers", "football", "forever", "foreverlove", "france",
    "freedom", "friday", "friend", "friends", "friendship", "fruehling", "fuckme", "fuckoff", "fuckyou", "galaxy", "gandalf",
    "garfield", "geheim", "george", "germany", "ginger", "gold", "golden", "golf", "golfer", "goodbye", "google", "grandma",
    "green", "guest", "guests", "guitar", "guitars", "hacker", "hackers", "hacking", "hallo", "halloween", "hamburger",
    "hannah", "harbor", "harbour", "harley", "haslo", "hawk", "heaven", "hello", "hellohello", "helloworld", "herbst", "hockey",
    "hola", "holiday", "holidays", "honda", "honey", "hope", "horse", "horses", "hulk", "hunter", "iloveher", "ilovehim",
    "iloveu", "iloveyou", "india", "infinity", "instagram", "internet", "iphone", "ironman", "itsme", "jaguar", "jamesbond",
    "january", "jasmine", "jenkins", "jennifer", "jessica", "jesus", "jesuschrist", "jordan", "joshua", "july", "june",
    "juventus", "kennwort", "killer", "killers", "king", "kingdom", "kitten", "kitty", "kubernetes", "lakers", "laptop",
    "letmein", "letmeinnow", "liberty", "linux", "lion", "lions", "liverpool", "lkjhgfdsa", "login", "logistics", "logmein",
    "logon", "london", "losenord", "love", "lovelove", "lover", "lovers", "loveyou", "lucky", "madrid", "maggie", "magic",
    "manager", "manchester", "march", "master", "masterkey", "mastermind", "masters", "matrix", "matthew", "maverick",
    "mercedes", "merlin", "metallica", "mexico", "michael", "michelle", "mickey", "microsoft", "midnight", "million",
    "millionaire", "minnie", "mnbvcxz", "mommy", "monday", "money", "mongodb", "monkey", "moonlight", "morning", "moscow",
    "motdepasse", "mother", "motorola", "music", "musica", "mustang", "mylove", "mypass", "mypassword", "mysecret", "mysql",
    "naruto", "netflix", "network", "newpassword", "newyork", "nicole", "ninja", "nirvana", "nobody", "nokia", "nothing",
    "november", "october", "office", "oldpassword", "opensesame", "openup", "oracle", "orange", "outlook", "packers", "panther",
    "paradise", "paris", "parola", "passcode", "passphrase", "passw0rd", "passw0rd1", "password", "password123", "passwords",
    "passwort", "patrick", "peace", "peanut", "pepper", "pepsi", "phoenix", "pikachu", "pirate", "pizza", "platinum", "please",
    "pleasechange", "pleasechangeme", "poiuytrewq", "pokemon", "polska", "porsche", "port", "postgres", "prince", "princess",
    "privacy", "private", "protected", "protection", "public", "puppy", "purple", "pussycat", "q1w2e3r4", "qazwsx", "qazwsxedc",
    "queen", "qweasd", "qweasdzxc", "qweqwe", "qwerqwer", "qwert", "qwerty", "qwerty123", "qwertyuiop", "qwertz", "qwertzuiop",
    "racing", "rainbow", "rangers", "realmadrid", "red", "redis", "redsox", "robert", "rock", "rocknroll", "root", "rootpass",
    "rootroot", "router", "rugby", "runner", "russia", "sailor", "samantha", "samsung", "samurai", "saturday", "schatz",
    "scooby", "secret", "secrets", "secure", "secured", "security", "senha", "sentinel", "sentineladmin", "september", "server",
    "servers", "service", "services", "sesame", "sexsex", "sexy", "shadow", "shadows", "shark", "shipping", "signin", "silver",
    "simpson", "simpsons", "sister", "skywalker", "slipknot", "sniper", "snoopy", "soccer", "soldier", "soleil", "somebody",
    "something", "sommer", "spiderman", "spring", "sqlserver", "staff", "star", "stargate", "starlight", "stars", "starwars",
    "steelers", "strawberry", "summer", "sunday", "sunflower", "sunshine", "superadmin", "superman", "supersecret", "superuser",
    "suzuki", "sweetheart", "switch", "sysadmin", "system", "systems", "taylor", "teamo", "temp", "temporary", "temppass",
    "temppassword", "tennis", "test", "test123", "tester", "testing", "tests", "testtest", "testuser", "texas", "thanks",
    "thankyou", "thepassword", "thomas", "thursday", "tiger", "tigers", "today", "tokyo", "tomcat", "tomorrow", "toor",
    "topsecret", "toyota", "trinity", "trueloves", "trustno", "trustnoone", "tuesday", "twitter", "ubuntu", "universe", "user",
    "username", "users", "useruser", "vacation", "vessel", "victory", "vodka", "wachtwoord", "warrior", "wednesday", "welcome",
    "welcome1", "welcomeback", "welcomehome", "welkom", "whatever", "whatsapp", "whiskey", "white", "whoami", "william",
    "willkommen", "windows", "winner", "winners", "winter", "wizard", "wolf", "wolverine", "wolves", "wsxedc", "yamaha",
    "yankees", "yellow", "yesterday", "yourpassword", "youtube", "zaq12wsx", "zaq1zaq1", "zxcvbn", "zxcvbnm", "zxczxc",
});
// clang-format on
static_assert(std::ranges::is_sorted(common_passwords));

bool is_listed(std::string_view text) { return std::ranges::binary_search(common_passwords, text); }

/// Digits and signs that stand for a letter, as letters.
char plain_letter(char letter) noexcept {
    switch (letter) {
        case '0': return 'o';
        case '1':
        case '!': return 'i';
        case '3': return 'e';
        case '4':
        case '@': return 'a';
        case '5':
        case '$': return 's';
        case '7': return 't';
        default: return letter;
    }
}

/// Without the digits and signs at both ends.
std::string_view inner_word(std::string_view text) noexcept {
    const auto is_decoration = [](char letter) {
        return static_cast<unsigned char>(letter) < 0x80 && (letter < 'a' || letter > 'z');
    };
    while (!text.empty() && is_decoration(text.front())) text.remove_prefix(1);
    while (!text.empty() && is_decoration(text.back())) text.remove_suffix(1);
    return text;
}

platform::Secret plain(std::string_view text) {
    std::string letters(text);
    std::ranges::transform(letters, letters.begin(), plain_letter);
    return platform::Secret(std::move(letters));
}

}  // namespace

bool is_common_password(std::string_view text) {
    if (!core::is_utf8(text)) return false;
    const platform::Secret lower(core::case_folded(text));
    const platform::Secret whole_plain = plain(lower.reveal());
    const platform::Secret inner_plain = plain(inner_word(lower.reveal()));
    return is_listed(lower.reveal()) || is_listed(inner_word(lower.reveal())) || is_listed(whole_plain.reveal()) ||
           is_listed(inner_plain.reveal()) || is_listed(inner_word(inner_plain.reveal()));
}

}  // namespace sentinel::crypto

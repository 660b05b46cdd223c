UPDATE users SET session_token = lower(hex(randomblob(16)));

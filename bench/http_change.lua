-- wrk: PATCH /users/me with preferences that differ each time, for what changes nothing is not written.
local threads = 0
function setup(thread)
    threads = threads + 1
    thread:set("number", threads)
end
local count = 0
function request()
    count = count + 1
    return wrk.format("PATCH", nil, nil, '{"preferences":{"seen":"' .. number .. "-" .. count .. '"}}')
end

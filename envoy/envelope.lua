-- What REST needs and Envoy's transcoder does not do: one form of path, tokens in the query of those who cannot send
-- headers, HTTP statuses, and the error envelope. The outermost filter: first on requests, last on responses.
--
-- The server says with its metadata what it wants:
--   x-va-http-status      the HTTP status: 201, 204, 206, 304, 404, 507 ...
--   x-va-content-length   the length of a streamed body
--   x-va-error            the whole JSON body of an error

local PATHS = dofile("envoy/paths.lua")
local NO_BODY = {["204"] = true, ["304"] = true}
local INTERNAL = {
  "x-va-http-status", "x-va-content-length", "x-va-error",
  "grpc-status", "grpc-message", "grpc-status-details-bin", "grpc-accept-encoding", "grpc-encoding",
}
local OF_A_FILE = {"content-disposition", "accept-ranges", "etag", "cache-control"}

-- Errors that gRPC itself made, without an envelope, by gRPC status: HTTP status, code, message, hint.
local UNNAMED = {
  ["1"] = {"499", "CANCELLED", "the call was cancelled", "Send the request again."},
  ["4"] = {"504", "TIMEOUT", "the service did not answer in time", "Try again later."},
  ["8"] = {"413", "PAYLOAD_TOO_LARGE", "the request is larger than the service accepts", "Send less at once."},
  ["14"] = {"503", "SERVICE_UNAVAILABLE", "the service is starting, stopping or cannot be reached", "Try again in a few seconds; nothing that was accepted is lost."},
}
local UNKNOWN = {"500", "INTERNAL_ERROR", "the service failed", "Report the request id to the operator of the service."}

local function is_native(headers)
  local path = headers:get(":path") or ""
  local kind = headers:get("content-type") or ""
  return kind:find("application/grpc", 1, true) == 1 or path:find("^/videoannotator%.") or path:find("^/grpc%.")
end

-- Both slash forms are one path, and the token of an EventSource moves from the query to where tokens belong.
local function tidy_path(headers)
  local path, query = headers:get(":path"):match("^([^?]*)%??(.*)$")
  if #path > 1 then path = path:gsub("/+$", "") end
  if path == "" then path = "/" end
  local kept = {}
  for pair in query:gmatch("[^&]+") do
    local token = pair:match("^access_token=(.*)$") or pair:match("^token=(.*)$")
    if not token then
      kept[#kept + 1] = pair
    elseif token ~= "" and not headers:get("authorization") then
      headers:replace("authorization", "Bearer " .. token)
    end
  end
  query = table.concat(kept, "&")
  headers:replace(":path", query == "" and path or path .. "?" .. query)
end

-- gRPC takes fewer names of headers than HTTP does, and reads some in its own way; it would refuse the whole call.
local function drop_what_grpc_refuses(headers)
  local refused = {}
  for name in pairs(headers) do
    if not name:find("^:?[%l%d_.-]+$") or name:find("%-bin$") or name:find("^grpc%-") then
      refused[#refused + 1] = name
    end
  end
  for _, name in ipairs(refused) do headers:remove(name) end
end

local function quoted(text)
  return '"' .. text:gsub('[%c"\\\127-\255]', "?") .. '"'
end

local function envelope(handle, request_id, code, message, hint)
  local now = os.date("!%Y-%m-%dT%H:%M:%SZ", math.floor(handle:timestamp() / 1000))
  return '{"error":{"code":"' .. code .. '","message":' .. quoted(message) .. ',"detail":{"request_id":' ..
    quoted(request_id) .. '},"hint":' .. quoted(hint) .. ',"field":null,"timestamp":"' .. now .. '"},"detail":' ..
    quoted(message) .. '}'
end

-- A known path that does not take the method; of unknown paths the transcoder speaks.
local function refused_method(headers)
  local path, method = headers:get(":path"):match("^[^?]*"), headers:get(":method")
  for _, known in ipairs(PATHS) do
    if path:find(known[1]) then
      for allowed in known[2]:gmatch("%a+") do
        if allowed == method then return nil end
      end
      return known[2]
    end
  end
end

function envoy_on_request(handle)
  local headers, metadata = handle:headers(), handle:streamInfo():dynamicMetadata()
  headers:remove("x-va-body-length")
  if is_native(headers) then
    metadata:set("videoannotator", "native", true)
    return
  end
  metadata:set("videoannotator", "request_id", headers:get("x-request-id") or "")
  tidy_path(headers)
  drop_what_grpc_refuses(headers)
  local allowed = refused_method(headers)
  if allowed then
    handle:respond({[":status"] = "405", ["allow"] = allowed}, "") -- local_reply_config makes the body
    return
  end
  local length = headers:get("content-length") -- the transcoder drops it
  if length then headers:replace("x-va-body-length", length) end
end

local function finish(handle, headers)
  local status, length = headers:get("x-va-http-status"), headers:get("x-va-content-length")
  for _, name in ipairs(INTERNAL) do headers:remove(name) end
  if status then headers:replace(":status", status) end
  if length then headers:replace("content-length", length) end
  if status and NO_BODY[status] then
    local body = handle:body()
    if body then body:setBytes("") end
    headers = handle:headers() -- every pause ends the life of earlier handles
    headers:remove("content-type")
    headers:remove("content-length")
  end
end

local function fail(handle, headers)
  local error, status, grpc_status =
    headers:get("x-va-error"), headers:get("x-va-http-status"), headers:get("grpc-status")
  local body = handle:body(true)
  if not error then
    -- The transcoder has written {"code":N,...} for a failed call; anything else Envoy made and shaped itself.
    grpc_status = body:getBytes(0, math.min(body:length(), 24)):match('^{"code":(%d+)') or grpc_status
    if not grpc_status then return end
    local trailers = handle:trailers()
    headers = handle:headers()
    if trailers then
      error, status = trailers:get("x-va-error"), trailers:get("x-va-http-status")
      for _, name in ipairs({"www-authenticate", "retry-after", "content-range"}) do
        if trailers:get(name) then headers:replace(name, trailers:get(name)) end
      end
    end
  end
  if not error then
    local known, unnamed = handle:streamInfo():dynamicMetadata():get("videoannotator"), UNNAMED[grpc_status] or UNKNOWN
    status = unnamed[1]
    error = envelope(handle, known and known.request_id or "", unnamed[2], unnamed[3], unnamed[4])
  end
  headers = handle:headers()
  for _, name in ipairs(INTERNAL) do headers:remove(name) end
  for _, name in ipairs(OF_A_FILE) do headers:remove(name) end
  headers:replace(":status", status or "500")
  headers:replace("content-type", "application/json")
  handle:body(true):setBytes(error)
  headers:replace("content-length", tostring(#error))
end

function envoy_on_response(handle)
  local known = handle:streamInfo():dynamicMetadata():get("videoannotator")
  if known and known.native then return end
  local headers = handle:headers()
  local grpc_status = headers:get("grpc-status")
  local failed = tonumber(headers:get(":status")) >= 400 or headers:get("x-va-error")
  if failed or (grpc_status and grpc_status ~= "0") then
    fail(handle, headers)
  else
    finish(handle, headers)
  end
end

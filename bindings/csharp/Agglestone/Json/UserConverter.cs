using System;
using System.Collections.Generic;
using System.Collections.ObjectModel;
using System.ComponentModel;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Agglestone.Json;

/// <summary>
/// A user as JSON, by hand: no reflection, so it works trimmed and compiled ahead of time. Public because generated code names it.
/// </summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class UserConverter : JsonConverter<User>
{
    private static readonly FieldNames Known = new(
        "userId", "email", "displayName", "userType", "enabled", "lastLoggedIn", "lastTokenRefresh", "owner", "requirePasswordReset");

    /// <inheritdoc/>
    public override User Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => Read(ref reader);

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, User value, JsonSerializerOptions options)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(value);
        Write(writer, value);
    }

    /// <summary>Writes a user in the service's own spelling.</summary>
    internal static void Write(Utf8JsonWriter writer, User value)
    {
        writer.WriteStartObject();
        writer.WriteString("userId", value.UserId);
        writer.WriteString("email", value.Email);
        writer.WriteString("displayName", value.DisplayName);
        writer.WriteString("userType", value.UserType);
        Fields.WriteBoolean(writer, "enabled", value.Enabled);
        Fields.WriteTime(writer, "lastLoggedIn", value.LastLoggedIn, value.Extra);
        Fields.WriteTime(writer, "lastTokenRefresh", value.LastTokenRefresh, value.Extra);
        Fields.WriteBoolean(writer, "owner", value.Owner);
        Fields.WriteBoolean(writer, "requirePasswordReset", value.RequirePasswordReset);
        Fields.WriteExtra(writer, value.Extra);
        writer.WriteEndObject();
    }

    /// <summary>Reads the object that <paramref name="reader"/> stands on.</summary>
    internal static User Read(ref Utf8JsonReader reader, AgglestoneResponseInfo? response = null)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw Fields.Mismatch(ref reader, "a user", "an object");
        }

        string? userId = null, email = null, displayName = null, userType = null;
        bool? enabled = null, owner = null, requirePasswordReset = null;
        DateTimeOffset? lastLoggedIn = null, lastTokenRefresh = null;
        Dictionary<string, JsonElement>? extra = null;
        var expected = 0;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var field = Known.Read(ref reader, ref expected);
            reader.Read();
            switch (field)
            {
                case "userId":
                    userId = Fields.ReadString(ref reader, field);
                    break;
                case "email":
                    email = Fields.ReadString(ref reader, field);
                    break;
                case "displayName":
                    displayName = Fields.ReadString(ref reader, field);
                    break;
                case "userType":
                    userType = Fields.ReadString(ref reader, field);
                    break;
                case "enabled":
                    enabled = Fields.ReadBoolean(ref reader, field);
                    break;
                case "lastLoggedIn":
                    lastLoggedIn = Fields.ReadTime(ref reader, field, ref extra);
                    break;
                case "lastTokenRefresh":
                    lastTokenRefresh = Fields.ReadTime(ref reader, field, ref extra);
                    break;
                case "owner":
                    owner = Fields.ReadBoolean(ref reader, field);
                    break;
                case "requirePasswordReset":
                    requirePasswordReset = Fields.ReadBoolean(ref reader, field);
                    break;
                default:
                    Fields.ReadExtra(ref reader, field, ref extra);
                    break;
            }
        }

        // Some call the id so. Beside a userId it is just another field.
        if (userId is null && extra is not null && extra.Remove("id", out var id))
        {
            userId = id.ToString();
        }

        return new User
        {
            UserId = userId ?? "",
            Email = email,
            DisplayName = displayName,
            UserType = userType,
            Enabled = enabled,
            LastLoggedIn = lastLoggedIn,
            LastTokenRefresh = lastTokenRefresh,
            Owner = owner,
            Response = response,
            RequirePasswordReset = requirePasswordReset,
            Extra = extra is { Count: > 0 } ? extra : ReadOnlyDictionary<string, JsonElement>.Empty,
        };
    }
}

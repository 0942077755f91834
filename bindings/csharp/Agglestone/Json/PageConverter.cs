using System;
using System.Collections.Generic;
using System.Collections.ObjectModel;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Agglestone.Json;

/// <summary>Names the converter of each kind of page, because a generic type can't carry a generic converter.</summary>
internal sealed class PageConverterFactory : JsonConverterFactory
{
    /// <inheritdoc/>
    public override bool CanConvert(Type typeToConvert) => typeToConvert == typeof(Page<User>);

    /// <inheritdoc/>
    public override JsonConverter CreateConverter(Type typeToConvert, JsonSerializerOptions options) => new UserPageConverter();
}

/// <summary>A page of users as JSON, by hand: no reflection, so it works trimmed and compiled ahead of time.</summary>
internal sealed class UserPageConverter : JsonConverter<Page<User>>
{
    private static readonly FieldNames Known = new("data", "pageNumber", "pageSize", "totalRecords", "totalCount");

    /// <inheritdoc/>
    public override Page<User> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        Read(ref reader, nextPage: null);

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, Page<User> value, JsonSerializerOptions options)
    {
        writer.WriteStartObject();
        writer.WriteStartArray("data");
        foreach (var user in value.Data)
        {
            UserConverter.Write(writer, user);
        }

        writer.WriteEndArray();
        Fields.WriteNumber(writer, "pageNumber", value.PageNumber);
        Fields.WriteNumber(writer, "pageSize", value.PageSize);
        Fields.WriteNumber(writer, "totalRecords", value.TotalRecords);
        Fields.WriteExtra(writer, value.Extra);
        writer.WriteEndObject();
    }

    /// <summary>Reads the object that <paramref name="reader"/> stands on. Which page is next is the library's to say.</summary>
    internal static Page<User> Read(ref Utf8JsonReader reader, int? nextPage)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw Fields.Mismatch(ref reader, "a page", "an object");
        }

        IReadOnlyList<User> data = [];
        int? pageNumber = null, pageSize = null;
        long? totalRecords = null;
        Dictionary<string, JsonElement>? extra = null;
        var expected = 0;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var field = Known.Read(ref reader, ref expected);
            reader.Read();
            switch (field)
            {
                case "data":
                    data = ReadUsers(ref reader);
                    break;
                case "pageNumber":
                    pageNumber = Fields.ReadInt32(ref reader, field);
                    break;
                case "pageSize":
                    pageSize = Fields.ReadInt32(ref reader, field);
                    break;
                // Sister services call the total totalCount.
                case "totalRecords" or "totalCount":
                    totalRecords = Fields.ReadInt64(ref reader, field) ?? totalRecords;
                    break;
                default:
                    Fields.ReadExtra(ref reader, field, ref extra);
                    break;
            }
        }

        return new Page<User>
        {
            Data = data,
            PageNumber = pageNumber,
            PageSize = pageSize,
            TotalRecords = totalRecords,
            NextPage = nextPage,
            Extra = extra ?? (IReadOnlyDictionary<string, JsonElement>)ReadOnlyDictionary<string, JsonElement>.Empty,
        };
    }

    private static List<User> ReadUsers(ref Utf8JsonReader reader)
    {
        var users = new List<User>();
        if (reader.TokenType == JsonTokenType.Null)
        {
            return users;
        }

        if (reader.TokenType != JsonTokenType.StartArray)
        {
            throw Fields.Mismatch(ref reader, "data", "an array");
        }

        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            users.Add(UserConverter.Read(ref reader));
        }

        return users;
    }
}
